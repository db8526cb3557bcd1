/** What a page costs to load: its HTML and the app's scripts that its HTML names, both as gzip sends them. */
import { gzipSync } from "node:zlib";

export type PageWeight = { html: number; script: number };

/**
 * @param cookie sent along, for pages behind the sign-in
 * @returns bytes after gzip
 * @throws when the page or one of its scripts does not answer 200
 */
export async function weigh(url: string, cookie?: string): Promise<PageWeight> {
  const html = await text(url, cookie);
  const sources = new Set([...html.matchAll(/<script[^>]+src="(\/_next\/[^"]+)"/g)].map((match) => match[1] as string));
  let script = 0;
  for (const source of sources) script += gzipSync(await text(new URL(source, url).href)).length;
  if (!script) throw new Error(`${url} names no script: its weight cannot be told.`);
  return { html: gzipSync(html).length, script };
}

async function text(url: string, cookie?: string): Promise<string> {
  const response = await fetch(url, { headers: cookie ? { cookie } : {}, redirect: "manual" });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}.`);
  return response.text();
}
