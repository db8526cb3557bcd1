"use client";

import { useTranslations } from "next-intl";
import { useOwner } from "@/components/shell/owner";
import { Spinner } from "@/components/ui/spinner";
import type { ConnectionView } from "@/lib/api/views";
import { accountName } from "./account-name";
import { ReconnectButton } from "./reconnect-button";
import { useConnectionMutations } from "./use-connection-mutations";

type Props = { connection: ConnectionView; connectorName: string };

/** Whether there is anything to say of somebody who left: who connected it, or whoever signed in last. */
const concerns = ({ connected_by, sign_in_left, status }: ConnectionView) =>
  (Boolean(connected_by?.left) || sign_in_left) && status !== "disconnected";

/**
 * In a list, whose rows say already that whoever connected it has left: whom to ask now, and what helps. What is broken
 * has a button of its own beside it.
 */
export function LeftNote({ connection, connectorName }: Props) {
  const t = useTranslations("left");
  const { userId } = useOwner();
  if (!concerns(connection)) return null;
  return (
    <>
      <p className="wrap-any text-xs text-ink-2">
        {connection.connected_by?.left ? null : `${t("leaversSignIn")} `}
        {t("ask", leftValues(connection, userId))}
      </p>
      {connection.condition.next_step === "none" ? (
        <Offers connection={connection} connectorName={connectorName} look="text" />
      ) : null}
    </>
  );
}

/** The same on the page of the connection, with what helps. */
export function LeftPanel({ connection, connectorName }: Props) {
  const t = useTranslations("left");
  const { userId } = useOwner();
  if (!concerns(connection)) return null;
  const { sign_in_left, status, connected_by } = connection;
  const values = leftValues(connection, userId);
  const signIn = !sign_in_left ? "newSignIn" : status === "connected" ? "theirSignIn" : "theirBrokenSignIn";
  const isConnectorHere = !connected_by?.left;
  return (
    <section className="panel grid gap-3 p-4" aria-labelledby="left-title">
      <div>
        <h2 id="left-title" className="text-sm font-semibold">
          {t(isConnectorHere ? "titleSignIn" : "title")}
        </h2>
        <p className="wrap-any text-sm text-ink-2">
          {t(isConnectorHere ? "noteSignIn" : "note", values)} {t("ask", values)} {t(signIn, { name: connectorName })}
        </p>
      </div>
      <Offers connection={connection} connectorName={connectorName} look="solid" />
    </section>
  );
}

function Offers({ connection, connectorName, look }: Props & { look: "solid" | "text" }) {
  const t = useTranslations("left");
  const { sign_in_left, can_manage, can_become_contact, condition } = connection;
  // Where it is to be reconnected, that button is there already and does the same.
  const signsIn = sign_in_left && !condition.next_step.startsWith("reconnect");
  if (!can_manage || !(signsIn || can_become_contact)) return null;
  return (
    // The name of the account tells one of many equal buttons from the others.
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for the fields of a form
    <div
      role="group"
      aria-label={accountName(connection, connectorName)}
      className={look === "text" ? "flex flex-wrap gap-x-3" : "flex flex-wrap gap-2"}
    >
      {signsIn ? (
        <ReconnectButton connection={connection} connectorName={connectorName} label={t("signIn")} look={look} />
      ) : null}
      {can_become_contact ? <ContactButton connection={connection} connectorName={connectorName} look={look} /> : null}
    </div>
  );
}

function ContactButton({ connection, connectorName, look }: Props & { look: "solid" | "text" }) {
  const t = useTranslations("left");
  const { takeOver } = useConnectionMutations();
  const account = accountName(connection, connectorName);
  return (
    <button
      type="button"
      className={look === "text" ? "btn btn-text" : "btn"}
      aria-disabled={takeOver.isPending || undefined}
      onClick={() => {
        if (!takeOver.isPending) takeOver.mutate({ connection, connectorName, accountName: account });
      }}
    >
      {takeOver.isPending ? <Spinner /> : null}
      {t("contact")}
    </button>
  );
}

/** What the sentences are filled in with. */
function leftValues({ connected_by, contact }: ConnectionView, userId: string) {
  const asked = contact === null ? "nobody" : contact.id === userId ? "you" : "somebody";
  return { person: connected_by?.name ?? "", contact: contact?.name ?? "", asked };
}
