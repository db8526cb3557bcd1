import "server-only";
import { mcpTenant } from "@/lib/auth/mcp-caller";
import { withDeadline } from "@/lib/deadline";
import { AppError } from "@/lib/errors";
import { answering, inTime } from "@/lib/http/answering";
import { readJson } from "@/lib/http/body";
import { answerMcp } from "./mcp-server";

/** What upstream calls of one message may take, in milliseconds. */
const BUDGET = 4_500;

/** One request to the MCP endpoint. What goes wrong before a message is understood is an error as everywhere else. */
export function handleMcp(request: Request): Promise<Response> {
  return answering((_, always) =>
    inTime(
      withDeadline(BUDGET, async () => {
        const tenant = await mcpTenant(request, always);
        const message = await readJson(request);
        // A batch would do many things under one request's limits; the protocol has dropped them, too.
        if (Array.isArray(message)) throw new AppError("invalid_request");
        always.set("cache-control", "no-store");
        return answerMcp(request, message, tenant);
      }),
    ),
  );
}
