"use client";

import { useTranslations } from "next-intl";
import { useConnect } from "@/components/connectors/connect-provider";
import { isBusy, stateOf } from "@/components/connectors/connect-state";
import { Spinner } from "@/components/ui/spinner";
import type { ConnectionView } from "@/lib/api/views";
import { accountName } from "./account-name";

type Props = {
  connection: ConnectionView;
  connectorName: string;
  /** What it says when nothing is under way; "Reconnect" by default. */
  label?: string;
  look?: "outline" | "solid" | "text";
  /** Called in the click, before the sign-in opens. */
  onPress?: () => void;
};

const looks = { outline: "", solid: "btn-solid", text: "btn-text" } as const;

/** Signs an account in again where it is: opens Nango's frame or the provider's window in the click itself, and shows how the try stands. */
export function ReconnectButton({ connection, connectorName, label, look = "outline", onPress }: Props) {
  const t = useTranslations("accounts");
  const words = useTranslations("reconnect.button");
  const { flow, state } = useConnect();
  const { phase } = stateOf(state, connection.id);
  const account = accountName(connection, connectorName);
  const underWay = phase === "opening" || phase === "waiting" || phase === "finishing" || phase === "checking";
  const preload = () => void flow?.preload().catch(() => {});
  return (
    <button
      type="button"
      data-reconnect={connection.id}
      className={`btn ${looks[look]} ${label && look !== "text" ? "btn-wrap" : ""}`}
      aria-disabled={isBusy(state) || phase === "checking" || undefined}
      // The name of the account tells one of many equal buttons from the others.
      aria-label={underWay ? `${words(phase)} ${account}` : (label ?? t("reconnectName", { account }))}
      onPointerEnter={preload}
      onFocus={preload}
      onClick={() => {
        if (phase === "checking") return;
        onPress?.();
        const { id, connector: slug, oauth_method: method } = connection;
        flow?.reconnect({ slug, name: connectorName, method, again: { id, account } });
      }}
    >
      {underWay ? <Spinner /> : null}
      {underWay ? words(phase) : (label ?? t("reconnect"))}
    </button>
  );
}
