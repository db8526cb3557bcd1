"use client";

import { useTranslations } from "next-intl";
import { useConnect } from "@/components/connectors/connect-provider";
import { stateOf } from "@/components/connectors/connect-state";
import { useOwner } from "@/components/shell/owner";
import { useNow } from "@/components/ui/relative-time";
import type { Condition, ConnectionView } from "@/lib/api/views";
import { accountName } from "./account-name";
import { daysLeft, kindOf } from "./standing";

/** What the sentences about a condition are filled in with. */
export function useConditionValues(connection: ConnectionView, connectorName: string) {
  const t = useTranslations("reconnect");
  const owner = useOwner();
  const now = useNow(owner.serverNow);
  return {
    name: connectorName,
    // Where another account signed in, the old one is known by the name it had.
    account: accountName(connection, connectorName),
    // Whoever left cannot be asked; whoever took over can.
    person: (connection.connected_by?.left ? connection.contact : connection.connected_by)?.name ?? "",
    left: !connection.connected_by?.left ? "no" : connection.contact ? "contact" : "nobody",
    found: connection.found_account_name ?? t("anotherAccount"),
    days: daysLeft(connection.expires_at, now) ?? 0,
    method: connection.oauth_method,
  };
}

/** What a reconnect has just begun is known here before the server's list says so. */
const looking: Condition = { code: "checking", cause: "", turn: "patchbay", next_step: "wait", since: null };

/** How a connection stands, and that in words: in two for a list, and its cause as a sentence. */
export function useCondition(connection: ConnectionView, connectorName: string) {
  const conditions = useTranslations("conditions");
  const statuses = useTranslations("statuses");
  const t = useTranslations("accounts");
  const values = useConditionValues(connection, connectorName);
  const { state } = useConnect();
  const signedInAgain = stateOf(state, connection.id).phase === "checking";
  const condition = signedInAgain ? looking : connection.condition;
  const { code } = condition;
  const short =
    code === "checking"
      ? t(signedInAgain ? "whose" : "checking")
      : code === "expires_soon"
        ? t("ends", { days: values.days })
        : code === "scopes_missing"
          ? t("missing")
          : statuses(connection.status);
  return {
    condition,
    kind: kindOf(condition),
    short,
    cause: conditions(`${code}.cause`, values),
    values,
  };
}
