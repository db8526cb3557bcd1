import type { ConnectionView } from "@/lib/api/views";

/**
 * What an account is called: the label that a person gave it, else its own name at the provider, else the connector and
 * a number, for services that cannot say whose account it is.
 */
export function accountName(connection: ConnectionView, connectorName: string): string {
  return connection.label ?? connection.account_name ?? `${connectorName} ${connection.number}`;
}
