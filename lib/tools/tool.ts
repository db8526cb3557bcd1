import type { z } from "zod";
import type { Scope } from "@/lib/auth/scopes";
import type { Tenant } from "@/lib/auth/tenant";

/** What using a tool does at the provider: nothing, something new, or a change to what is there, up to taking it away. */
export type ToolEffect = "read" | "write" | "destroy";

/** JSON Schema of an object, as manifests hold it and as agents are shown it. */
export type ObjectSchema = {
  readonly type: "object";
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
};

/**
 * A tool as the toolkit and the MCP server offer it: one definition, two doors. It holds nothing of any tenant, so the
 * definitions are made once.
 */
export type AgentTool = {
  /** Letters, digits, _ and - alone, 64 at most: what models take as a name. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly effect: ToolEffect;
  /** Whose account it works on; null for tools of Patchbay's own. */
  readonly connector: string | null;
  /** The actions of that connector that it runs. */
  readonly actions: readonly string[];
  /** What a key needs to see it and to use it. */
  readonly scope: Scope;
  readonly inputSchema: ObjectSchema;
  /** Parses the input; left out where what runs it does. */
  readonly input?: z.ZodType<Record<string, unknown>>;
  /** What `result` holds in the answer; left out where that is the provider's to say. */
  readonly resultSchema?: ObjectSchema;
  /** @returns what the answer holds as `result`. Throws AppError, which becomes the answer's `error`. */
  readonly run: (tenant: Tenant, input: Record<string, unknown>) => Promise<unknown>;
};
