import "server-only";
import { z } from "zod";
import { categoryKeys } from "@/lib/catalogue/categories";
import { boundLink, boundLinkStatus } from "@/lib/connect/bound-links";
import { connectionView } from "@/lib/connect/views";
import { listConnections } from "@/lib/db/connections";
import { AppError } from "@/lib/errors";
import { connectorsForAgent } from "./connectors-for-agent";
import { objectSchema } from "./object-schema";
import type { AgentTool } from "./tool";

/** Tools of Patchbay's own: what there is, what is connected, and connecting more. */

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);
const cursor = z.string().min(1).max(500).describe("next_cursor of the page before").optional();
/** Pages so small that none is ever too long: what is shortened has no schema. */
const limit = z.number().int().min(1).max(20).default(20);

const listConnectorsInput = z.strictObject({
  q: z.string().trim().max(100).describe("Words to look for, such as crm or google").optional(),
  category: z.enum(categoryKeys).describe("Only connectors of this category").optional(),
  limit,
  cursor,
});

const connectorsResult = z.object({
  connectors: z.array(
    z.object({
      slug: z.string(),
      name: z.string(),
      description: z.string(),
      category: z.string(),
      available: z.boolean().describe("Can an account be connected?"),
      unavailable_reason: z.string().nullable(),
      connected: z.number().int().describe("Accounts that work"),
      needs_attention: z.number().int().describe("Accounts that somebody has to sign in to again"),
      actions: z.array(z.string()).describe("Once connected, each is the tool <slug>_<action>"),
    }),
  ),
  total_count: z.number().int(),
  next_cursor: z.string().nullable(),
});

const listConnectionsInput = z.strictObject({
  connector: slug.describe("Only accounts of this connector").optional(),
  status: z.enum(["pending", "connected", "needs_attention", "disconnected", "attention"]).optional(),
  limit,
  cursor,
});

const connectionsResult = z.object({
  connections: z.array(
    z.object({
      id: z.string().describe("connection_id of other tools"),
      connector: z.string(),
      account_name: z.string().nullable(),
      label: z.string().nullable(),
      status: z.string(),
      condition: z.object({ code: z.string(), cause: z.string(), next_step: z.string() }),
      is_default: z.boolean().describe("Used where no connection_id is given"),
      visibility: z.string(),
      expires_at: z.string().nullable(),
    }),
  ),
  total_count: z.number().int(),
  next_cursor: z.string().nullable(),
});

const connectInput = z.strictObject({
  connector: slug.describe("Makes a link by which the person connects an account of this connector").optional(),
  link_id: z.string().max(255).describe("Asks what became of a link that was made before").optional(),
});

const connectResult = z.object({
  link_id: z.string(),
  status: z.enum(["open", "used", "revoked", "expired"]),
  connector: z.string(),
  url: z.string().nullable().describe("For the person alone; said once, when the link is made"),
  connection_id: z.string().nullable().describe("What came of it, once status is used"),
  expires_at: z.string(),
});

/** Names can be long, and there are many in one answer. */
const short = (text: string | null) => (text !== null && text.length > 120 ? `${text.slice(0, 119)}…` : text);

/** Keeps the types of one tool's input and result together. */
function ownTool<I extends z.ZodType<Record<string, unknown>>, R extends z.ZodType>(
  about: Pick<AgentTool, "name" | "title" | "description" | "effect" | "scope">,
  input: I,
  result: R,
  run: (tenant: Parameters<AgentTool["run"]>[0], input: z.output<I>) => Promise<z.input<R>>,
): AgentTool {
  return {
    ...about,
    connector: null,
    actions: [],
    input,
    inputSchema: objectSchema(input, "input"),
    resultSchema: objectSchema(result, "output"),
    run: async (tenant, given) => result.parse(await run(tenant, given as z.output<I>)),
  };
}

export const accountTools = (): AgentTool[] => [
  ownTool(
    {
      name: "list_connectors",
      title: "List connectors",
      description: "Lists the services that can be connected, which of them are, and what can be done with each.",
      effect: "read",
      scope: "connectors:read",
    },
    listConnectorsInput,
    connectorsResult,
    connectorsForAgent,
  ),
  ownTool(
    {
      name: "list_connections",
      title: "List connected accounts",
      description:
        "Lists the accounts that are connected and may be used, how each stands, and what helps if it does not.",
      effect: "read",
      scope: "connections:read",
    },
    listConnectionsInput,
    connectionsResult,
    async (tenant, filter) => {
      const page = await listConnections(tenant, filter);
      const connections = page.connections.map((row) => {
        const { condition, expires_at = null, ...view } = connectionView(row);
        return {
          ...view,
          account_name: short(view.account_name),
          condition: { ...condition, cause: short(condition.cause) ?? "" },
          expires_at,
        };
      });
      return { connections, total_count: page.totalCount, next_cursor: page.nextCursor };
    },
  ),
  ownTool(
    {
      name: "connect_account",
      title: "Connect an account",
      description:
        "With connector: makes a link by which the person connects an account; give it to them. With link_id: says whether they have.",
      effect: "write",
      scope: "connections:write",
    },
    connectInput,
    connectResult,
    async (tenant, { connector, link_id }) => {
      if ((connector === undefined) === (link_id === undefined)) {
        const issues = [{ path: "", message: "takes either connector or link_id" }];
        throw new AppError("action_invalid_input", { details: { issues } });
      }
      if (link_id !== undefined) {
        const { id, status, connectionId, expiresAt, ...link } = await boundLinkStatus(tenant, link_id);
        const became = { connection_id: connectionId, expires_at: expiresAt };
        return { link_id: id, status, connector: link.connector, url: null, ...became };
      }
      const { linkId, url, expiresAt } = await boundLink(tenant, { connector: String(connector) });
      const fresh = { status: "open" as const, url, connection_id: null, expires_at: expiresAt };
      return { link_id: linkId, connector: String(connector), ...fresh };
    },
  ),
];
