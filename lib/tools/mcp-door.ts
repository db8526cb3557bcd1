import "server-only";
import { mcpTenant } from "@/lib/auth/mcp-caller";
import { AppError } from "@/lib/errors";
import { answering, withinRequest } from "@/lib/http/answering";
import { readJson } from "@/lib/http/body";
import { answerMcp } from "./mcp-server";

/** There is nothing to listen to (GET) and nothing to end (DELETE): a client that reads 405 asks no more. */
export function refuseMethod(): Promise<Response> {
  return answering((_, always) => {
    always.set("allow", "POST");
    return Promise.reject(new AppError("method_not_allowed"));
  });
}

/** One request to the MCP endpoint. What goes wrong before a message is understood is an error as everywhere else. */
export function handleMcp(request: Request): Promise<Response> {
  return answering((_, always) =>
    withinRequest(async () => {
      const tenant = await mcpTenant(request, always);
      const message = await readJson(request);
      // A batch would do many things under one request's limits; the protocol has dropped them, too.
      if (Array.isArray(message)) throw new AppError("invalid_request");
      always.set("cache-control", "no-store");
      return answerMcp(request, message, tenant);
    }),
  );
}
