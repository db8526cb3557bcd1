import { handleMcp } from "@/lib/tools/mcp-door";

/** MCP over Streamable HTTP, without sessions: there is nothing to listen to (GET) and nothing to end (DELETE). */
export const POST = handleMcp;

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
