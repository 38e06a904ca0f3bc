import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runInThisContext } from 'node:vm';

/** The parts of Microsoft's Kusto language service that are used here; its scripts make globals. */
interface Kusto {
	Symbols: {
		TableSymbol: { From(columns: string): { WithName(name: string): object } };
		DatabaseSymbol: { ctor: new (name: string, tables: object[]) => object };
	};
	GlobalState: { Default: { WithDatabase(database: object): object } };
	KustoCode: { ParseAndAnalyze(query: string, globals: object): { GetDiagnostics(): Diagnostics } };
}

interface Diagnostics {
	Count: number;
	getItem(index: number): { Message: string };
}

/** What the queries may ask for: https://learn.microsoft.com/azure/azure-monitor/reference/tables-index has all columns. */
const tables: Readonly<Record<string, string>> = {
	AppEvents: 'TimeGenerated: datetime, Name: string, Properties: dynamic, OperationId: string',
	AppMetrics: 'TimeGenerated: datetime, Name: string, Sum: real, ItemCount: int, Properties: dynamic',
	AppDependencies: 'TimeGenerated: datetime, Name: string, Success: bool, DurationMs: real, Properties: dynamic',
	AppRequests: 'TimeGenerated: datetime, Name: string, ResultCode: string, Success: bool, ItemCount: int',
	StorageQueueLogs: 'TimeGenerated: datetime, OperationName: string, Uri: string',
	AegDeliveryFailureLogs: 'TimeGenerated: datetime',
};

let loaded: Kusto | undefined;

function load(): Kusto {
	if (loaded) return loaded;
	const folder = path.dirname(createRequire(import.meta.url).resolve('@kusto/language-service-next'));
	for (const name of ['bridge.min.js', 'Kusto.Language.Bridge.min.js'])
		runInThisContext(readFileSync(path.join(folder, name), 'utf8'), { filename: name });
	loaded = (globalThis as unknown as { Kusto: { Language: Kusto } }).Kusto.Language;
	return loaded;
}

/** What is wrong with a query over the tables of a workspace: syntax, unknown tables, columns and functions. */
export function faultsOf(query: string): string[] {
	const { Symbols, GlobalState, KustoCode } = load();
	const symbols = Object.entries(tables).map(([name, columns]) =>
		Symbols.TableSymbol.From(`(${columns})`).WithName(name),
	);
	const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('workspace', symbols));
	const diagnostics = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
	return Array.from({ length: diagnostics.Count }, (_, index) => diagnostics.getItem(index).Message);
}
