"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { type InitialConnections, useConnections } from "@/components/connections/use-connections";
import { useOwner } from "@/components/shell/owner";
import { LogoTile } from "@/components/ui/logo-tile";
import type { Visibility } from "@/lib/api/views";
import type { ConnectorCard } from "@/lib/catalogue/card";
import { ConnectButton } from "./connect-button";
import { useConnect } from "./connect-provider";
import type { Unavailable } from "./connector-card";
import { connectorFilters } from "./connector-filters";
import { useFailureText } from "./use-failure-text";
import { VisibilityChoice } from "./visibility-choice";

type Props = { card: ConnectorCard; unavailable: Unavailable | null; initial: InitialConnections };

/** Name, what it is for, and the way to connect an account, with the choice of who may use it said before. */
export function ConnectorPageHeader({ card, unavailable, initial }: Props) {
  const t = useTranslations("connector");
  const reasons = useTranslations("card.unavailable");
  const owner = useOwner();
  const { connections } = useConnections({ filters: connectorFilters(card.slug), initial });
  const [visibility, setVisibility] = useState<Visibility>("everyone");
  const { state } = useConnect();
  const failureText = useFailureText();
  const failed = state.phase === "failed" && state.slug === card.slug ? state.reason : null;
  return (
    <header className="mb-6 grid gap-x-6 gap-y-4 lg:grid-cols-[minmax(0,1fr)_300px]">
      <div className="flex items-center gap-3.5 self-start">
        <LogoTile logo={card.logo} size="lg" eager />
        <div className="min-w-0">
          <h1
            id="page-title"
            tabIndex={-1}
            className="wrap-any text-title font-semibold tracking-[-0.02em] outline-none"
          >
            {card.name}
          </h1>
          <p className="text-ink-2">{card.description}</p>
        </div>
      </div>
      {unavailable ? (
        <p className="panel self-start px-4 py-3 text-sm text-ink-2">
          <strong className="block font-semibold text-ink">{reasons(`${unavailable.kind}.short`)}</strong>
          {unavailable.text ?? reasons(`${unavailable.kind}.why`)}
        </p>
      ) : (
        <div className="grid content-start gap-2.5">
          {owner.inOrganization ? (
            <VisibilityChoice value={visibility} onChange={setVisibility} organizationName={owner.organizationName} />
          ) : null}
          <div className="grid [&>.btn]:h-9">
            <ConnectButton
              slug={card.slug}
              name={card.name}
              look="solid"
              visibility={owner.inOrganization ? visibility : "everyone"}
              label={connections.length > 0 ? t("connectAnother") : t("connectOne", { name: card.name })}
            />
          </div>
          {failed ? <p className="text-sm font-medium text-bad">{failureText(failed, card.name)}</p> : null}
        </div>
      )}
    </header>
  );
}
