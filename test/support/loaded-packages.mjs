// Preloaded into a program: at its end it says on standard error which packages were loaded, however they were imported.
// CommonJS modules are in the cache of require(); the others pass the hooks of the loader.
import { writeSync } from 'node:fs';
import * as loader from 'node:module';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

const { cache } = loader.createRequire(import.meta.url);
const urls = [];
let ask = () => {};

if (loader.registerHooks) {
  loader.registerHooks({
    load(url, context, next) {
      urls.push(url);
      return next(url, context);
    },
  });
} else {
  // Before Node.js 22.15 hooks run in a thread of their own, and tell us by messages.
  const { port1: here, port2: there } = new MessageChannel();
  const hooks = `
    let port;
    export function initialize(given) { port = given; }
    export function load(url, context, next) { port.postMessage(url); return next(url, context); }`;
  loader.register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: there, transferList: [there] });
  here.unref();
  ask = () => {
    for (let told = receiveMessageOnPort(here); told; told = receiveMessageOnPort(here)) urls.push(told.message);
  };
}

process.on('exit', () => {
  ask();
  const names = [...Object.keys(cache), ...urls].flatMap(
    (file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  writeSync(2, `loaded: ${JSON.stringify([...new Set(names)].sort())}\n`);
});
