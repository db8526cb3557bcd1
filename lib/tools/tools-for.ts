import "server-only";
import { jsonSchema, type ToolSet, tool } from "ai";
import type { Tenant } from "@/lib/auth/tenant";
import { answerSchema, type ToolAnswer, useTool } from "./answer";
import type { AgentTool, ObjectSchema } from "./tool";
import { usableTools } from "./tool-list";

/**
 * What somebody can use now, as tools of the `ai` package, for generateText and its like. A tool whose account has stopped
 * working since answers why, and where to reconnect it.
 *
 * @param options.approval true: whatever changes something at a provider waits until a person has agreed
 */
export async function toolsFor(tenant: Tenant, options: { approval?: boolean } = {}): Promise<ToolSet> {
  const usable = await usableTools(tenant);
  return Object.fromEntries(usable.map((each) => [each.name, toToolOfAi(tenant, each, options.approval ?? false)]));
}

const schemaFor = <T>(schema: ObjectSchema) => jsonSchema<T>(schema as Parameters<typeof jsonSchema<T>>[0]);

function toToolOfAi(tenant: Tenant, each: AgentTool, approval: boolean) {
  return tool<Record<string, unknown>, ToolAnswer, Record<string, unknown>>({
    title: each.title,
    description: each.description,
    inputSchema: schemaFor<Record<string, unknown>>(each.inputSchema),
    outputSchema: schemaFor<ToolAnswer>(answerSchema(each.resultSchema)),
    // Not sent to the model: for whoever shows a call, or decides about it.
    metadata: { effect: each.effect, connector: each.connector },
    needsApproval: approval && each.effect !== "read",
    execute: (input) => useTool(tenant, each, input),
  });
}
