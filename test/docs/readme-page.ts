import { type RecoveryRow, recoveryOverview, recoveryTable } from '../../src/simulation/index.js';
import { operatorFailures } from './failures-page.js';
import { read, withParts } from './support/root.js';

/** What `npm run bench:recovery -- --write` measured. */
const RECOVERY = JSON.parse(read('bench/recovery.json')) as readonly RecoveryRow[];

/** The README with everything that stands elsewhere too put in. */
export function readmeOf(page: string): string {
  return withParts(withExamples(page), { recovery: recoveryOverview(RECOVERY), failures: operatorFailures() });
}

/** Its Chinese twin: the failures are translated by hand, the measured table by the words below. */
export function chineseReadmeOf(page: string): string {
  return withParts(withExamples(page), { recovery: inChinese(recoveryOverview(RECOVERY)) });
}

/** The page with all that the bench of recoveries measured. */
export function recoveryPageOf(page: string): string {
  return page.replace(/(<!-- recovery -->\n)[\s\S]*$/, (_all, head: string) => `${head}\n${recoveryTable(RECOVERY)}\n`);
}

/** A page with each block below `<!-- examples/… -->` being that file. */
export function withExamples(page: string): string {
  return page.replace(
    /(<!-- (examples\/\S+) -->\n```ts\n)[\s\S]*?(```)/g,
    (_all, head: string, path: string, tail: string) => head + read(path) + tail,
  );
}

/** The first column of the measured table. */
const CHINESE: Readonly<Record<string, string>> = {
  'median / p99 after': '中位数 / p99，中断时长',
  'DNS failure': 'DNS 解析失败',
  'TCP refused': 'TCP 连接被拒绝',
  'packets vanish': '数据包有去无回',
  'TLS failure': 'TLS 失败',
  'proxy failure': '代理故障',
  'gateway refuses TCP': '网关拒绝 TCP 连接',
  'endpoint hangs': '端点一直不响应',
  'endpoint answers 503': '端点返回 503',
  'endpoint answers HTML': '端点返回 HTML',
  'a code for this app that mends itself': '针对本应用、会自行恢复的错误码',
  'a code for this app that needs a human': '针对本应用、需要人工处理的错误码',
};

function inChinese(overview: string): string {
  return overview.replace(/^\| (?!-)([^|]+?) \|/gm, (_all, words: string) => {
    const translation = CHINESE[words];
    if (translation === undefined) throw new Error(`"${words}" has no translation in test/docs/readme-page.ts`);
    return `| ${translation} |`;
  });
}
