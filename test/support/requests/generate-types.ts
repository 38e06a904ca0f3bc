/**
 * Turns the OpenAPI document on standard input into TypeScript on standard output. A program of its own: the generator works with
 * the API of TypeScript 5, which TypeScript 7, the one that checks this project, does not have.
 */
import { registerHooks } from 'node:module';
import { text } from 'node:stream/consumers';

registerHooks({
	resolve: (specifier, context, next) => next(specifier === 'typescript' ? 'typescript-5' : specifier, context),
});
const { astToString, default: generate } = await import('openapi-typescript');
process.stdout.write(astToString(await generate(await text(process.stdin))));
