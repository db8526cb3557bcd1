import { handleMcp, refuseMethod } from "@/lib/tools/mcp-door";

/** Seconds that a host must grant: the longest `max_seconds` of a manifest, and what is ours. */
export const maxDuration = 60;

/** MCP over Streamable HTTP, without sessions. */
export const POST = handleMcp;

export { refuseMethod as GET, refuseMethod as PUT, refuseMethod as PATCH, refuseMethod as DELETE };
