import { readFileSync } from 'node:fs';

// Vitest wrote it; without it no test ran at all.
const { numPassedTests, numFailedTests } = JSON.parse(readFileSync('coverage/results.json', 'utf8'));
console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
