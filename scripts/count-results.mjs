// Tells what failed in a folder of results, in at most 6 KB, then `N passed, N failed, N skipped`.
// The folder has of each step `<step>.log`, its output, and `<step>.json`, vitest's report, where it
// runs tests; `failed` names the steps that failed, one a line.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const LINES = 15;
/** More would leave none of them room to say why. */
const SHOWN = 20;
/** How vitest begins what it says of one. */
const FAILURE = /^ FAIL +|^⎯+ (?=Unhandled (?:Error|Rejection|Exception) )/m;

const folder = process.argv[2];
const steps = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));
const failedSteps = read('failed').split('\n').filter(Boolean);

const sum = { passed: 0, failed: 0, skipped: 0 };
for (const step of new Set([...steps, ...failedSteps])) {
  const report = reportOf(step);
  const failedFiles = report.testResults.filter(isFailedWithoutTest).length;
  const failed = report.numFailedTests + failedFiles;
  sum.passed += report.numPassedTests;
  sum.failed += failed === 0 && failedSteps.includes(step) ? 1 : failed;
  sum.skipped += report.numPendingTests + report.numTodoTests;
}

show('failed', failedSteps.flatMap(failuresOf), 4400);
show('passed only when run again', steps.flatMap(retriesOf), 1100);
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

function read(name) {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function reportOf(step) {
  const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  return JSON.parse(read(`${step}.json`) || JSON.stringify({ ...none, testResults: [] }));
}

/** A file that could not be imported, whose hook threw, or whose process crashed. */
function isFailedWithoutTest({ status, assertionResults }) {
  return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
}

/** What vitest says of each failure, else how the step's output ends. */
function failuresOf(step) {
  const log = stripVTControlCharacters(read(`${step}.log`));
  const from = log.search(/^⎯+ (Failed Suites|Failed Tests|Unhandled Errors) /m);
  const [, ...failures] = from === -1 ? [] : log.slice(from).split(FAILURE);
  if (failures.length === 0) return [`${step}, which ended with\n${lastLines(log)}`];
  return failures.map((text) => `${step}: ${firstLines(text)}`);
}

function retriesOf(step) {
  return reportOf(step).testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter((test) => test.status === 'passed' && test.failureMessages.length > 0)
      .map((test) => {
        const title = [...test.ancestorTitles, test.title].join(' > ');
        return `${relative('.', name)} > ${title}\n${firstLines(test.failureMessages[0])}`;
      }),
  );
}

function firstLines(text) {
  return linesOf(text).slice(0, LINES).join('\n');
}

function lastLines(text) {
  return linesOf(text).slice(-LINES).join('\n');
}

/** Without empty lines, rules, and vitest's own part of a stack. */
function linesOf(text) {
  return stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => !/^\s*$|^⎯|\/node_modules\/vitest\//.test(line));
}

function show(what, texts, limit) {
  if (texts.length === 0) return;
  const room = Math.floor(limit / Math.min(texts.length, SHOWN));
  console.log(`--- ${what}`);
  for (const text of texts.slice(0, SHOWN)) console.log(`${text.slice(0, room)}\n`);
  if (texts.length > SHOWN) console.log(`and ${texts.length - SHOWN} more\n`);
}
