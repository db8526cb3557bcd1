"use client";

import { useTranslations } from "next-intl";
import { useConnect } from "@/components/connectors/connect-provider";
import { isBusy } from "@/components/connectors/connect-state";
import { preloadQuestions } from "@/components/connectors/questions-slot";
import { Spinner } from "@/components/ui/spinner";
import type { ConnectionView } from "@/lib/api/views";
import { accountName } from "./account-name";
import { MendButton } from "./mend-button";
import { useConnectionMutations } from "./use-connection-mutations";

type Props = { connection: ConnectionView; connectorName: string; look?: "outline" | "solid" };

/** The one button that mends a connection, as its condition says; nothing where there is nothing to press. */
export function NextStepButton({ connection, connectorName, look }: Props) {
  const props = { connection, connectorName, look };
  switch (connection.condition.next_step) {
    case "undo":
      return <UndoButton {...props} />;
    case "connect_again":
      return <ConnectAgainButton {...props} />;
    default:
      return <MendButton {...props} />;
  }
}

function UndoButton({ connection, connectorName }: Props) {
  const t = useTranslations("accounts");
  const { undo } = useConnectionMutations();
  const account = accountName(connection, connectorName);
  return (
    <button
      type="button"
      className="btn"
      aria-disabled={undo.isPending || undefined}
      aria-label={t("undoName", { account })}
      onClick={() => {
        if (!undo.isPending) undo.mutate({ connection, connectorName, accountName: account });
      }}
    >
      {undo.isPending ? <Spinner /> : null}
      {t("undo")}
    </button>
  );
}

/** Makes a new connection with the choices of the one that is gone. */
function ConnectAgainButton({ connection, connectorName }: Props) {
  const t = useTranslations("accounts");
  const { flow, state } = useConnect();
  const { connector: slug, visibility, oauth_method: method } = connection;
  const asksFirst = flow?.questions.comeFirst(slug) ?? false;
  const preload = () => (asksFirst ? preloadQuestions() : void flow?.preload().catch(() => {}));
  return (
    <button
      type="button"
      data-connect={slug}
      className="btn"
      aria-disabled={isBusy(state) || undefined}
      aria-haspopup={asksFirst ? "dialog" : undefined}
      aria-label={t("againName", { name: connectorName })}
      onPointerEnter={preload}
      onFocus={preload}
      onClick={() => flow?.start({ slug, name: connectorName, method }, visibility)}
    >
      {t("again")}
    </button>
  );
}
