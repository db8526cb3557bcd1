import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { AppError } from "@/lib/errors";
import { asKnown } from "@/lib/http/answering";
import { log } from "@/lib/log";
import { wayBack } from "./connect";
import { MAX_CHARACTERS, shorten } from "./shorten";
import type { AgentTool, ObjectSchema } from "./tool";

/**
 * What every tool answers, in the toolkit and over MCP. A fault is an answer, too: an agent can read why, and what to do.
 *
 * Threat: an answer tells of somebody else's things, or in an upstream's words.
 * Invariant: an error is a code of ours with its fixed sentence; another owner's id and an unknown one are the same answer,
 * byte for byte. Guarded by tests/integration/mcp.test.ts.
 */

type ToolError = { code: string; message: string } & Record<string, unknown>;
export type ToolAnswer = { success: true; result: unknown; truncated?: string } | { success: false; error: ToolError };

const TRUNCATED = "The answer was too long and is not complete. Ask for less, or for the next page.";
/** What stands around a result: the names, and the sentence above. */
const AROUND = 200;

const errorSchema = {
  type: "object",
  description: "Why it did not work",
  properties: {
    code: { type: "string" },
    message: { type: "string" },
    next_step: { type: "string", description: "What helps, such as connect or reconnect" },
    connect_url: { type: "string", description: "Give this address to the person: it opens for them alone" },
    link_id: { type: "string", description: "For connect_account, to learn what became of the link" },
    retry: { type: "string", description: "no, later or after_reconnect" },
    retry_after: { type: "number", description: "Seconds to wait before trying again" },
  },
  required: ["code", "message"],
} as const;

/** The schema of a tool's answers. @param result of what the tool answers; left out where its provider decides that */
export function answerSchema(result?: ObjectSchema): ObjectSchema {
  return {
    type: "object",
    properties: {
      success: { type: "boolean" },
      result: result ?? { description: "What the provider answered" },
      truncated: { type: "string", description: "Says that the result is not complete" },
      error: errorSchema,
    },
    required: ["success"],
  };
}

/** An error as an answer. */
function errorAnswer(error: AppError, link: Record<string, string>): ToolAnswer {
  const { code, message, details, retryAfter } = error;
  const waiting = retryAfter === undefined ? {} : { retry_after: Math.ceil(retryAfter) };
  const said = { ...details, ...waiting, ...link, code, message };
  // Choices may be many: the whole is held to the size of any answer.
  return { success: false, error: shorten(said, MAX_CHARACTERS - AROUND).value as ToolError };
}

function known(error: unknown, tool: string): AppError {
  const fault = asKnown(error);
  if (fault.status >= 500) log().error({ err: error, tool, code: fault.code }, "a tool failed");
  return fault;
}

/** @returns the input as the tool takes it. Throws AppError action_invalid_input with all that is wrong */
function parseInput({ input }: AgentTool, given: unknown): Record<string, unknown> {
  const fields = given ?? {};
  if (typeof fields !== "object" || Array.isArray(fields))
    throw new AppError("action_invalid_input", { details: { issues: [{ path: "", message: "is not an object" }] } });
  if (!input) return fields as Record<string, unknown>;
  const parsed = input.safeParse(fields);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({
    path: path.join(".").slice(0, 200),
    message: message.slice(0, 200),
  }));
  throw new AppError("action_invalid_input", { cause: parsed.error, details: { issues } });
}

/**
 * Uses a tool for somebody. Never throws.
 * @param given the input as the agent sent it
 */
export async function useTool(tenant: Tenant, tool: AgentTool, given: unknown): Promise<ToolAnswer> {
  try {
    const result = await tool.run(tenant, parseInput(tool, given));
    const { value, truncated } = shorten(result, MAX_CHARACTERS - AROUND);
    return { success: true, result: value, ...(truncated && { truncated: TRUNCATED }) };
  } catch (error) {
    const fault = known(error, tool.name);
    return errorAnswer(fault, await wayBack(tenant, tool.connector, fault));
  }
}
