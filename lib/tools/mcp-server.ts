import "server-only";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type Tool,
} from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { brand } from "@/brand";
import type { Tenant } from "@/lib/auth/tenant";
import { asKnown } from "@/lib/http/answering";
import { log } from "@/lib/log";
import { answerSchema, useTool } from "./answer";
import type { AgentTool } from "./tool";
import { findTool, usableTools } from "./tool-list";

/**
 * The tools over MCP (Streamable HTTP), without sessions: each request stands for itself, so that any number of app
 * processes may answer.
 *
 * Threat: a client reads or does what its key was not made for, or one caller's answer reaches another.
 * Invariant: server and transport are made for one request and one tenant; a tool outside the caller's scopes is answered
 * like one that does not exist. Guarded by tests/integration/mcp.test.ts.
 */

const INSTRUCTIONS = `${brand.name} gives you the accounts that a person or an organisation has connected: mail, chat, calendars, CRM and more.
list_connectors says what there is and what can be done with it; list_connections says which accounts are connected. A connector's tools appear once an account of it works.
To connect one, call connect_account, give its url to the person, and ask again with its link_id until status is "used".
An answer with success false holds a code, the reason, and often connect_url: an address that mends it. Give that to the person, and do not repeat the call before.`;

/** So many tools on one page of the list. */
const PAGE = 200;

function describe({ name, title, description, effect, connector, inputSchema, resultSchema }: AgentTool): Tool {
  return {
    name,
    title,
    description,
    inputSchema: inputSchema as Tool["inputSchema"],
    outputSchema: answerSchema(resultSchema) as Tool["outputSchema"],
    annotations: {
      title,
      readOnlyHint: effect === "read",
      destructiveHint: effect === "destroy",
      openWorldHint: connector !== null,
    },
  };
}

/** A fault as JSON-RPC says it: our code and fixed sentence, whatever the words of what went wrong. */
function fault(error: unknown): never {
  const { code, message } = asKnown(error);
  log().error({ err: error, code }, "tools could not be listed");
  throw new McpError(ErrorCode.InternalError, message, { code });
}

/** The package takes what does not fit its own schemas for a fault of ours, so they are asked here. */
const asSent = <M extends string>(method: M) =>
  z.looseObject({ method: z.literal(method), params: z.unknown().optional() });

/** @throws McpError invalid params */
function parse<S extends z.ZodType>(schema: S, request: unknown): z.output<S> {
  const parsed = schema.safeParse(request);
  if (!parsed.success) throw new McpError(ErrorCode.InvalidParams, "Invalid parameters");
  return parsed.data;
}

function serverFor(tenant: Tenant): Server {
  const server = new Server(
    { name: "patchbay", title: brand.name, version: "1" },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  server.setRequestHandler(asSent("tools/list"), async (request) => {
    const { params } = parse(ListToolsRequestSchema, request);
    const tools = await usableTools(tenant).catch(fault);
    // The cursor is the last name of the page before: tools that come or go meanwhile move no other.
    const start = params?.cursor === undefined ? 0 : tools.findIndex(({ name }) => name === params.cursor) + 1;
    if (params?.cursor !== undefined && start === 0) throw new McpError(ErrorCode.InvalidParams, "Unknown cursor");
    const page = tools.slice(start, start + PAGE);
    const more = start + PAGE < tools.length;
    return { tools: page.map(describe), ...(more && { nextCursor: page.at(-1)?.name }) };
  });
  server.setRequestHandler(asSent("tools/call"), async (request) => {
    const { params } = parse(CallToolRequestSchema, request);
    const tool = findTool(tenant, params.name);
    if (!tool) throw new McpError(ErrorCode.InvalidParams, "Unknown tool");
    const answer = await useTool(tenant, tool, params.arguments);
    return {
      content: [{ type: "text", text: JSON.stringify(answer) }],
      structuredContent: answer,
      isError: !answer.success,
    };
  });
  return server;
}

/**
 * Answers one MCP request.
 * @param message the body, as parsed; one message, since a batch would do many things under one request's limits
 */
export async function answerMcp(request: Request, message: unknown, tenant: Tenant): Promise<Response> {
  const server = serverFor(tenant);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  try {
    await server.connect(transport);
    return await transport.handleRequest(request, { parsedBody: message });
  } finally {
    await server.close();
  }
}
