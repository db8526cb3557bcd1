"use client";

import { RefreshCw, SearchX } from "lucide-react";
import { useTranslations } from "next-intl";
import { useDeferredValue, useMemo, useState } from "react";
import { isBroken } from "@/components/connections/standing";
import { type InitialConnections, useConnections } from "@/components/connections/use-connections";
import { useOwner } from "@/components/shell/owner";
import type { OAuthMethod, Visibility } from "@/lib/api/views";
import type { AuthKind, ConnectorCard as Card } from "@/lib/catalogue/card";
import type { CategoryKey } from "@/lib/catalogue/categories";
import { AttentionBanner } from "./attention-banner";
import { useCatalogFilters } from "./catalog-filters";
import { firstCards, groupCards, matchingCards, summarise } from "./catalog-groups";
import { catalogPageSize } from "./catalog-page-size";
import { CatalogToolbar } from "./catalog-toolbar";
import { CategoryList } from "./category-list";
import { ConnectorCard, type Unavailable, type WhoMayUse } from "./connector-card";

/** As many cards as are drawn at a time; the rest is a click away. */
const cardsAtATime = 60;

type Props = {
  cards: Card[];
  unavailable: Record<string, Unavailable>;
  /** How each connector that can be connected is. */
  methods: Record<string, OAuthMethod>;
  initial: InitialConnections;
};

/** The catalogue of connectors with the owner's state on each: drawn on the server first, then live. */
export function ConnectorCatalog({ cards, unavailable, methods, initial }: Props) {
  const t = useTranslations("catalog");
  const labels = useTranslations("categories");
  const visibility = useTranslations("visibility");
  const owner = useOwner();
  const { filters, change } = useCatalogFilters();
  const deferred = useDeferredValue(filters);
  const { connections, isPending, isError, refetch, isRefetching } = useConnections({
    filters: { limit: catalogPageSize },
    initial,
    all: true,
  });

  const summaries = useMemo(() => summarise(connections), [connections]);
  const names = useMemo(() => new Map(cards.map((card) => [card.slug, card.name])), [cards]);
  const kinds = useMemo(
    () => [...new Set(cards.map((card) => card.authKind))].filter((kind): kind is AuthKind => kind !== "none"),
    [cards],
  );
  const matching = useMemo(() => matchingCards(cards, deferred, summaries), [cards, deferred, summaries]);
  const groups = useMemo(() => groupCards(matching, deferred, summaries), [matching, deferred, summaries]);
  const counts = useMemo(() => {
    const byCategory = new Map<CategoryKey, number>();
    for (const { category } of matching) byCategory.set(category, (byCategory.get(category) ?? 0) + 1);
    return byCategory;
  }, [matching]);

  const total = groups.reduce((sum, group) => sum + group.cards.length, 0);
  const [shown, setShown] = useState({ of: deferred, limit: cardsAtATime });
  const limit = shown.of === deferred ? shown.limit : cardsAtATime;
  const attention = connections.filter(isBroken);
  const known = cards.filter((card) => summaries.has(card.slug));
  const waiting = owner.switching || (isPending && !isError);

  return (
    <>
      <header className="mb-5">
        <h1 id="page-title" tabIndex={-1} className="text-title font-semibold tracking-[-0.02em] outline-none">
          {t("title")}
        </h1>
        <p className="text-ink-2">
          {waiting ? t("lead") : t("leadWithCounts", { connected: known.length, attention: attention.length })}
          {owner.inOrganization ? (
            <span className="block text-sm">
              {t("whoMayUse", { organization: owner.organizationName ?? visibility("yourOrganization") })}
            </span>
          ) : null}
        </p>
      </header>
      <CatalogToolbar
        filters={filters}
        change={change}
        kinds={kinds}
        connected={known.length}
        attention={known.filter((card) => summaries.get(card.slug)?.attention).length}
      />
      {isError && connections.length === 0 ? (
        <div
          role="alert"
          className="mt-2.5 flex flex-wrap items-center gap-3 rounded-[10px] border border-bad-line bg-bad-bg px-4 py-2.5"
        >
          <p className="flex-1 basis-60">{t("stateError")}</p>
          <button
            type="button"
            className="btn"
            onClick={() => void refetch()}
            aria-disabled={isRefetching || undefined}
          >
            <RefreshCw size={14} aria-hidden="true" />
            {t("retry")}
          </button>
        </div>
      ) : null}
      {waiting ? null : <AttentionBanner connections={connections} names={names} />}

      <div className="mt-4 grid grid-cols-[minmax(0,1fr)] gap-x-[26px] gap-y-3 lg:grid-cols-[186px_minmax(0,1fr)]">
        <CategoryList
          filters={filters}
          counts={counts}
          total={matching.length}
          onPick={(category) => change({ category })}
        />
        <div>
          <p role="status" className="sr-only">
            {deferred.query.trim() ? t("found", { count: total }) : ""}
          </p>
          {waiting ? (
            <CatalogSkeleton label={t("loading")} />
          ) : total === 0 ? (
            <NothingFound
              query={filters.query.trim()}
              onClear={() => change({ query: "", category: null, status: null, auth: null })}
            />
          ) : (
            firstCards(groups, limit).map((group) => (
              <section key={group.key} aria-labelledby={`group-${group.key}`} className="mb-[26px]">
                <h2 id={`group-${group.key}`} className="flex h-[27px] items-baseline gap-2 text-sm font-semibold">
                  {group.key === "connected" || group.key === "results" ? t(`group.${group.key}`) : labels(group.key)}
                  <span className="count">{groups.find((each) => each.key === group.key)?.cards.length}</span>
                </h2>
                <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,236px),1fr))] gap-3">
                  {group.cards.map((card) => (
                    <ConnectorCard
                      key={card.slug}
                      card={card}
                      accounts={summaries.get(card.slug)?.accounts ?? 0}
                      attention={summaries.get(card.slug)?.attention ?? 0}
                      mend={summaries.get(card.slug)?.mend ?? null}
                      endsAt={summaries.get(card.slug)?.endsAt ?? null}
                      checking={summaries.get(card.slug)?.checking ?? false}
                      who={whoMayUse(summaries.get(card.slug)?.visibilities)}
                      unavailable={unavailable[card.slug] ?? null}
                      method={methods[card.slug] ?? null}
                    />
                  ))}
                </ul>
              </section>
            ))
          )}
          {!waiting && total > limit ? (
            <div className="flex justify-center">
              <button
                type="button"
                className="btn"
                onClick={() => setShown({ of: deferred, limit: limit + cardsAtATime })}
              >
                {t("more", { count: Math.min(cardsAtATime, total - limit) })}
              </button>
            </div>
          ) : null}
        </div>
      </div>
    </>
  );
}

/** In one word for a card: who may use the accounts behind it. */
function whoMayUse(visibilities: ReadonlySet<Visibility> | undefined): WhoMayUse | null {
  if (!visibilities?.size) return null;
  return visibilities.size > 1 ? "both" : visibilities.has("everyone") ? "everyone" : "only_me";
}

function NothingFound({ query, onClear }: { query: string; onClear: () => void }) {
  const t = useTranslations("catalog.nothing");
  return (
    <div className="panel grid justify-items-center gap-1 px-6 py-14 text-center">
      <SearchX size={22} aria-hidden="true" className="mb-2 text-ink-3" />
      <h2 className="wrap-any text-base font-semibold">{query ? t("titleFor", { query }) : t("title")}</h2>
      <p className="mb-3 text-sm text-ink-2">{t("hint")}</p>
      <button type="button" className="btn" onClick={onClear}>
        {t("clear")}
      </button>
    </div>
  );
}

/** Cards to be, in the shape of cards. */
function CatalogSkeleton({ label }: { label: string }) {
  return (
    <div aria-busy="true">
      <p className="sr-only">{label}</p>
      <div aria-hidden="true" className="skeleton mb-3 h-4 w-28" />
      <div aria-hidden="true" className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,236px),1fr))] gap-3">
        {Array.from({ length: 9 }, (_, index) => `card-${index}`).map((key) => (
          <div key={key} className="panel h-[158px] p-[15px]">
            <div className="flex items-center gap-3">
              <div className="skeleton size-[38px]" />
              <div className="skeleton h-4 w-24" />
            </div>
            <div className="skeleton mt-3 h-3.5 w-full" />
            <div className="skeleton mt-2 h-3.5 w-2/3" />
          </div>
        ))}
      </div>
    </div>
  );
}
