"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { memo } from "react";
import { MendButton } from "@/components/connections/mend-button";
import { daysLeft } from "@/components/connections/standing";
import { useVisibilityWords } from "@/components/connections/visibility-words";
import { useOwner } from "@/components/shell/owner";
import { LogoTile } from "@/components/ui/logo-tile";
import { useNow } from "@/components/ui/relative-time";
import type { ConnectionView, OAuthMethod } from "@/lib/api/views";
import type { UnavailableReason } from "@/lib/catalogue/availability";
import type { ConnectorCard as Card } from "@/lib/catalogue/card";
import { ConnectButton } from "./connect-button";
import { useConnect } from "./connect-provider";
import { ConnectionStatus } from "./connection-status";
import { FallbackOffer } from "./fallback-offer";
import { useFailureText } from "./use-failure-text";

/** Why a connector cannot be connected: a kind that the message files have words for, or the manifest's own sentence. */
export type Unavailable = { kind: UnavailableReason; text: string | null };

/** Everyone's accounts, only-me ones, or some of both. */
export type WhoMayUse = "everyone" | "only_me" | "both";

type Props = {
  card: Card;
  accounts: number;
  attention: number;
  /** The account that the card's button mends; null when there is none, or others must see to it. */
  mend: ConnectionView | null;
  endsAt: string | null;
  checking: boolean;
  /** Who may use its accounts; null while there are none. */
  who: WhoMayUse | null;
  unavailable: Unavailable | null;
  /** How a new account is connected; null where none can be. */
  method: OAuthMethod | null;
};

/** What it is, whether it is connected and works, and the one thing to do now. */
export const ConnectorCard = memo(function ConnectorCard(props: Props) {
  const { card, accounts, attention, mend, endsAt, checking, who, unavailable, method } = props;
  const t = useTranslations("card");
  const kinds = useTranslations("authKinds");
  const visibilityWords = useVisibilityWords();
  const owner = useOwner();
  const reachable = accounts > 0 || !unavailable;
  return (
    <li
      data-connector={card.slug}
      className="panel relative flex min-h-[158px] flex-col p-[15px] transition-colors hover:border-line-strong"
    >
      <div className="flex items-center gap-3">
        <LogoTile logo={card.logo} />
        <div className="min-w-0">
          <h3 className="text-base font-semibold leading-5">
            <Link
              href={`/connectors/${card.slug}`}
              prefetch={false}
              className="wrap-any after:absolute after:inset-0 after:rounded-xl focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:outline-offset-2"
            >
              {card.name}
            </Link>
            {card.status === "beta" ? <span className="chip ml-2 align-[1px]">{t("beta")}</span> : null}
          </h3>
          {attention > 0 ? (
            <ConnectionStatus kind="needs_attention">
              {accounts > 1 ? t("attentionOf", { attention, accounts }) : t("attention")}
            </ConnectionStatus>
          ) : endsAt ? (
            <SignInEnds at={endsAt} />
          ) : checking ? (
            <CheckingStatus />
          ) : accounts > 0 ? (
            <ConnectionStatus kind="connected">{t("connected", { accounts })}</ConnectionStatus>
          ) : unavailable ? (
            <ConnectionStatus kind="unavailable">{t(`unavailable.${unavailable.kind}.short`)}</ConnectionStatus>
          ) : null}
        </div>
      </div>
      <p className="mt-2.5 text-sm text-ink-2">{card.description}</p>
      {unavailable && accounts === 0 ? (
        <p className="mt-1 text-xs text-ink-3">{unavailable.text ?? t(`unavailable.${unavailable.kind}.why`)}</p>
      ) : null}
      {who ? (
        <p className="wrap-any mt-1 text-xs text-ink-2">
          {who === "both" && owner.inOrganization
            ? t("both", { everyone: visibilityWords("everyone") })
            : visibilityWords(who === "only_me" ? who : "everyone")}
        </p>
      ) : null}
      <CardFailure card={card} />
      {reachable || card.authKind !== "none" ? (
        <div className="mt-auto flex items-end justify-between gap-2 pt-3">
          <ul className="flex h-8 flex-wrap gap-1.5 overflow-hidden py-1.5" aria-label={t("facts")}>
            {card.authKind !== "none" ? <li className="chip">{kinds(card.authKind)}</li> : null}
            {method ? <li className="chip">{t(`ways.${method}`)}</li> : null}
          </ul>
          <div className="relative z-10">
            {mend ? (
              <MendButton connection={mend} connectorName={card.name} />
            ) : accounts > 0 ? (
              <Link
                href={`/connectors/${card.slug}`}
                prefetch={false}
                data-connect={card.slug}
                className={attention > 0 ? "btn" : "btn btn-ghost"}
                aria-label={t("manageName", { name: card.name })}
              >
                {t("manage")}
              </Link>
            ) : unavailable ? null : (
              <ConnectButton slug={card.slug} name={card.name} method={method ?? undefined} />
            )}
          </div>
        </div>
      ) : null}
    </li>
  );
});

function CardFailure({ card }: { card: Card }) {
  const { state } = useConnect();
  const failureText = useFailureText();
  if (state.phase !== "failed" || state.slug !== card.slug) return null;
  if (state.fallback)
    return (
      <div className="mt-2">
        <FallbackOffer name={card.name} />
      </div>
    );
  return <p className="mt-1.5 text-xs font-medium text-bad">{failureText(state.reason, state)}</p>;
}

/** Said on the card from two weeks ahead on: there is time, but not for ever. */
function SignInEnds({ at }: { at: string }) {
  const t = useTranslations("accounts");
  const owner = useOwner();
  const now = useNow(owner.serverNow);
  return <ConnectionStatus kind="expiring">{t("ends", { days: daysLeft(at, now) ?? 0 })}</ConnectionStatus>;
}

function CheckingStatus() {
  const t = useTranslations("accounts");
  return <ConnectionStatus kind="checking">{t("checking")}</ConnectionStatus>;
}
