import type { Metadata } from "next";
import { useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import { shownCards } from "@/components/connectors/shown-cards";
import { catalogueOverview } from "@/components/public/catalogue-overview";
import { catalogueEntry } from "@/components/public/catalogue-rows";
import { PublicSearch } from "@/components/public/public-search";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("integrations");
  return { title: t("title"), description: t("description") };
}

export default function IntegrationsPage() {
  const t = useTranslations("integrations");
  const labels = useTranslations("categories");
  const cards = shownCards();
  const words = {
    label: t("search.label"),
    placeholder: t("search.placeholder"),
    found: t("search.found"),
    nothing: t("search.nothing"),
    failed: t("search.failed"),
    categories: t("categories"),
    everything: t("everything"),
  };
  const groups = catalogueOverview(cards).map(({ key, cards: shown, total }) => ({
    key,
    label: labels(key),
    total,
    entries: shown.map(catalogueEntry),
    all:
      total > shown.length
        ? { words: t("all", { count: total }), label: t("allOf", { count: total, category: labels(key) }) }
        : null,
  }));
  return (
    <div className="mx-auto max-w-[1100px] px-4 pt-10 sm:px-6">
      <h1 className="text-title font-semibold tracking-[-0.02em]">{t("title")}</h1>
      <p className="mb-5 text-ink-2">{t("lead", { count: cards.length })}</p>
      <PublicSearch words={words} groups={groups} />
    </div>
  );
}
