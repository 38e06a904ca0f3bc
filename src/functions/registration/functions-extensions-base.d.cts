export * from '@azure/functions-extensions-base';
