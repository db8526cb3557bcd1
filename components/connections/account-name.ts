"use client";

import { useTranslations } from "next-intl";
import type { ConnectionView } from "@/lib/api/views";

/**
 * What an account is called: the label that a person gave it, else its own name at the provider, else the connector and
 * a number, for services that cannot say whose account it is.
 */
export function accountName(connection: ConnectionView, connectorName: string): string {
  return connection.label ?? connection.account_name ?? `${connectorName} ${connection.number}`;
}

/** The statuses and reasons of connections in words. */
export function useStatusWords() {
  const statuses = useTranslations("statuses");
  const reasons = useTranslations("reasons");
  return {
    status: (connection: ConnectionView) => statuses(connection.status),
    /** Why it is not connected, in a sentence; null when there is nothing to say. */
    reason: (connection: ConnectionView, connectorName: string): string | null => {
      const code = connection.reason_code;
      if (code === null || connection.status === "connected") return null;
      const key = code as Parameters<typeof reasons.has>[0];
      return reasons(reasons.has(key) ? key : "unknown", { name: connectorName });
    },
  };
}
