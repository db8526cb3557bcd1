import { json } from "./wire";

/** Headers of one connection, not of what it carries; fetch has also decompressed what it hands on. */
const ofTheConnection = ["connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host"];

/**
 * Every provider under one address, `/_real/<host>/<path>`: for an app that reaches them without Nango and is told, in the
 * demo, where they are instead.
 * @param resolve the stand-in's address of a real one
 */
export async function answerRealAddress(request: Request, resolve: (realUrl: string) => string): Promise<Response> {
  const url = new URL(request.url);
  // A name with a dot, and no number: whatever is on this machine is no provider.
  const match = /^\/_real\/((?:[A-Za-z0-9-]+\.)+[A-Za-z]+)(\/.*)?$/.exec(url.pathname);
  if (!match) return json({ error: "not_found", message: "Paths begin with /_real/<host>." }, 404);
  const target = resolve(`https://${match[1]}${match[2] ?? "/"}${url.search}`);
  // A sign-in page is opened where it is, so that its links and forms lead on.
  if (request.method === "GET" && url.searchParams.has("redirect_uri")) {
    return new Response(null, { status: 302, headers: { location: target, "cache-control": "no-store" } });
  }
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  const response = await fetch(target, {
    method: request.method,
    headers: without(request.headers),
    body: hasBody ? await request.arrayBuffer() : null,
    redirect: "manual",
  });
  return new Response(response.body, { status: response.status, headers: without(response.headers) });
}

function without(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ofTheConnection) kept.delete(name);
  return kept;
}
