import { z } from "zod";
import { errorCodes } from "@/lib/error-codes";

/**
 * What every error's body holds: a code of the closed list, its fixed sentence and the request's id; and, where it says
 * so, what the caller can do. Safe in the browser.
 */
export const errorBodySchema = z
  .object({
    error: z.object({
      code: z.enum(errorCodes),
      message: z.string().describe("One sentence for developers, the same for every error of this code."),
      request_id: z.string().describe("Names this request in the operator's log; also the header X-Request-Id."),
      scope: z
        .string()
        .nullable()
        .optional()
        .describe("insufficient_scope: what the key lacks; null: no key opens it."),
      issues: z
        .array(z.object({ path: z.string(), message: z.string() }))
        .optional()
        .describe("What is wrong with the input, and where."),
      fields: z
        .record(z.string(), z.enum(["missing", "malformed"]))
        .optional()
        .describe("connection_config_required: what is wrong with which value of connection_config."),
      connector: z.string().optional().describe("The connector that it is about."),
      choices: z
        .array(
          z.object({
            id: z.string(),
            connector: z.string(),
            account_name: z.string().nullable(),
            label: z.string().nullable(),
          }),
        )
        .optional()
        .describe("connection_choice: the connections, one of which to name as connection_id."),
      connection_id: z.string().optional().describe("The connection that it is about."),
      reason_code: z.string().nullable().optional().describe("Why the connection does not work."),
      next_step: z.string().optional().describe("What helps: connect, reconnect, wait, ask_manager, …"),
      connect_url: z.string().optional().describe("Where a person can connect the account."),
      retry: z
        .enum(["no", "later", "after_reconnect"])
        .optional()
        .describe("Does the same request make sense again, and when?"),
      outcome: z
        .literal("unknown")
        .optional()
        .describe("Nobody knows whether the change was made: look before you send it again."),
      provider_status: z.number().int().optional().describe("The HTTP status that the provider answered."),
      fallback: z.literal("direct").optional().describe("Another way that is open: oauth_method direct."),
    }),
  })
  .meta({ id: "Error" });
