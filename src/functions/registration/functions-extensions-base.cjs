// `@azure/functions` requires the CommonJS build of this package; an ES import would load its other build, whose
// registry of factories is another object, and the factory registered there would never be found.
module.exports = require('@azure/functions-extensions-base');
