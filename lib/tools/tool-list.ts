import "server-only";
import { allows } from "@/lib/auth/scopes";
import type { Tenant } from "@/lib/auth/tenant";
import { accountTools } from "./account-tools";
import { manifestTools } from "./manifest-tools";
import { namedTools } from "./named-tools";
import type { AgentTool } from "./tool";
import { type WorkingAccounts, workingAccounts } from "./working-accounts";

/**
 * Which tools somebody has.
 *
 * Threat: an agent is handed a tool that its key was not meant for, or learns from a list what it may not use.
 * Invariant: without its scope a tool is neither listed nor found, and runAction() checks the scope once more. Guarded by
 * tests/integration/mcp.test.ts.
 */

let all: ReadonlyMap<string, AgentTool> | undefined;

/** Every tool there is, by name. They hold nothing of anybody, so they are made once. */
export function allTools(): ReadonlyMap<string, AgentTool> {
  all ??= new Map([...accountTools(), ...namedTools(), ...manifestTools()].map((each) => [each.name, each]));
  return all;
}

/** A tool by name, usable at present or not; null without the scope for it, as if there were none. */
export function findTool(tenant: Tenant, name: string): AgentTool | null {
  const found = allTools().get(name);
  return found && allows(tenant, found.scope) ? found : null;
}

function works({ connector, actions }: AgentTool, accounts: WorkingAccounts): boolean {
  if (connector === null) return true;
  const closed = accounts.get(connector);
  return closed !== undefined && !actions.some((action) => closed.has(action));
}

/**
 * The tools that somebody can use now: those within their scopes whose connector has an account that works and was given the
 * permissions for it. One account that does not work, or a provider that does not answer, takes no other tool away.
 */
export async function usableTools(tenant: Tenant): Promise<AgentTool[]> {
  const accounts = await workingAccounts(tenant);
  return [...allTools().values()].filter((tool) => allows(tenant, tool.scope) && works(tool, accounts));
}
