// Loads an app as the Functions worker does, and prints how many milliseconds that took.
const { Module } = require('node:module');
const { pathToFileURL } = require('node:url');

const disposable = { dispose() {} };
const core = {
	version: '3',
	hostVersion: '4',
	registerFunction: () => disposable,
	registerHook: () => disposable,
	setProgrammingModel() {},
	getProgrammingModel() {},
	log() {},
	Disposable: { from: () => disposable },
};
const load = Module.prototype.require;
Module.prototype.require = function (name) {
	return name === '@azure/functions-core' ? core : load.call(this, name);
};

const begin = performance.now();
import(pathToFileURL(process.argv[2]).href).then(() => {
	process.stdout.write(String(performance.now() - begin));
	process.exit(0);
});
