"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import type { ConnectFailure } from "./connect-state";

/** A sentence for each way in which a try can fail: what happened and what to do. */
export function useFailureText(): (reason: ConnectFailure, name: string) => string {
  const connect = useTranslations("connect");
  const errors = useTranslations("errors");
  const outcomes = useTranslations("outcomes");
  return useCallback(
    (reason, name) => {
      if (reason === "denied" || reason === "expired" || reason === "connect_failed")
        return connect(`failed.${reason}`, { name });
      if (reason.startsWith("outcome:")) {
        const outcome = reason.slice("outcome:".length) as Parameters<typeof outcomes.has>[0];
        return outcomes.has(outcome) ? outcomes(outcome, { name }) : connect("failed.connect_failed", { name });
      }
      return errors(reason as Exclude<typeof reason, `outcome:${string}`>, { name });
    },
    [connect, errors, outcomes],
  );
}
