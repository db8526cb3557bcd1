/**
 * Runs the examples of a page of docs, in the order of the page, so that what people copy works.
 *
 * A fenced block in a language that can run says what becomes of it: ```bash run, or ```bash shown for what needs a real
 * account. A block marked `output` right after one that ran says what that prints. All blocks of a page share a folder;
 * those in bash share their variables as well.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Longest run of one example, in milliseconds: for what hangs, not for what is slow. */
const PATIENCE = 90_000;
export const canRun = (language: string): boolean => ["bash", "sh", "ts", "js"].includes(language);
/** Values that say something; all others in an example are examples. */
const telling = new Set(["code", "status", "name", "slug", "success", "oauth_method", "connector"]);

type Block = { language: string; mark: string; text: string; line: number };

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { fence: string; block: Block } | null = null;
  for (const [n, line] of markdown.split("\n").entries()) {
    const fence = /^(`{3,})(\w*) ?(.*)$/.exec(line);
    if (!open && fence) {
      const [, ticks = "", language = "", mark = ""] = fence;
      open = { fence: ticks, block: { language, mark: mark.trim(), text: "", line: n + 1 } };
    } else if (open && line === open.fence) {
      blocks.push(open.block);
      open = null;
    } else if (open) {
      open.block.text += `${line}\n`;
    }
  }
  return blocks;
}

/** Where two JSON values differ in fields, kinds, or a value that says something; null when they do not. */
export function difference(shown: unknown, real: unknown, path = "$"): string | null {
  const kind = (value: unknown) => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value);
  if (kind(shown) !== kind(real)) return `${path} is ${kind(real)}, and not ${kind(shown)}`;
  if (Array.isArray(shown) && Array.isArray(real)) {
    if (shown.length === 0) return null;
    if (real.length === 0) return `${path} is empty`;
    for (const [n, item] of real.entries()) {
      const found = difference(shown[Math.min(n, shown.length - 1)], item, `${path}[${n}]`);
      if (found) return found;
    }
    return null;
  }
  if (typeof shown === "object" && shown !== null && typeof real === "object" && real !== null) {
    const [left, right] = [Object.keys(shown).sort().join(", "), Object.keys(real).sort().join(", ")];
    if (left !== right) return `${path} has the fields ${right}, and not ${left}`;
    for (const [name, value] of Object.entries(shown)) {
      const found = difference(value, (real as Record<string, unknown>)[name], `${path}.${name}`);
      if (found) return found;
    }
    return null;
  }
  const says = typeof shown === "boolean" || telling.has(path.slice(path.lastIndexOf(".") + 1));
  return says && shown !== real ? `${path} is ${JSON.stringify(real)}, and not ${JSON.stringify(shown)}` : null;
}

function checkOutput({ language, text }: Block, printed: string): string | null {
  if (language === "json") {
    try {
      return difference(JSON.parse(text), JSON.parse(printed));
    } catch {
      return "it is not JSON";
    }
  }
  const literal = (part: string) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`^${text.trim().split("…").map(literal).join("[^]*?")}$`);
  return pattern.test(printed.trim()) ? null : "it is something else";
}

/** What a process printed. The variables of a page live in a file of its folder, written when a bash block ends. */
async function run(block: Block, folder: string, env: Record<string, string>): Promise<string> {
  const variables = join(folder, "variables.sh");
  const bash = block.language === "bash" || block.language === "sh";
  const source = join(folder, bash ? "block.sh" : `block-${block.line}.ts`);
  await writeFile(source, bash ? `${block.text}\ndeclare -px > '${variables}'\n` : block.text);
  const node = `cd '${root}' && exec '${process.execPath}' --import tsx --conditions=react-server '${source}'`;
  const script = `set -euo pipefail; set -a; [ -f '${variables}' ] && . '${variables}'; ${bash ? `. '${source}'` : node}`;
  const child = spawn("bash", ["-c", script], {
    cwd: folder,
    env: env as NodeJS.ProcessEnv,
    timeout: PATIENCE,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const code = await new Promise<number | null>((done, failed) => child.on("error", failed).on("close", done));
  const printed = Buffer.concat(out).toString();
  if (code !== 0) throw new Error(`ended with ${code}:\n${printed}\n${Buffer.concat(err).toString()}`);
  return printed;
}

/**
 * @param page relative to the root of the tree
 * @param env beside what every program needs; nothing else of this process's environment reaches an example
 * @returns how many blocks ran
 * @throws when one of them fails, prints something else than the page says, or is not marked
 */
export async function runExamples(page: string, env: Record<string, string>): Promise<number> {
  const blocks = blocksOf(await readFile(join(root, page), "utf8"));
  await mkdir(join(root, ".stack"), { recursive: true });
  const folder = await mkdtemp(join(root, ".stack/docs-"));
  const { PATH = "", HOME = folder } = process.env;
  let count = 0;
  try {
    let printed: string | null = null;
    for (const block of blocks) {
      const fail = (why: string) => new Error(`${page}:${block.line} ${why}`);
      if (block.mark === "output") {
        if (printed === null) throw fail("shows the output of nothing");
        const wrong = checkOutput(block, printed);
        if (wrong) throw fail(`shows other output than what was printed: ${wrong}\n${printed}`);
        printed = null;
        continue;
      }
      printed = null;
      if (!canRun(block.language) || block.mark === "shown") continue;
      if (block.mark !== "run") throw fail("is marked neither run nor shown");
      printed = await run(block, folder, { PATH, HOME, ...env }).catch((error: unknown) => {
        throw fail(error instanceof Error ? error.message : String(error));
      });
      count += 1;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return count;
}
