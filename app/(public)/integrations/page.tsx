import type { Metadata } from "next";
import { useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import { shownCards } from "@/components/connectors/shown-cards";
import { catalogueOverview } from "@/components/public/catalogue-overview";
import { CatalogueRows } from "@/components/public/catalogue-rows";
import { CategoryLinks } from "@/components/public/category-links";
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
  };
  return (
    <div className="mx-auto max-w-[1100px] px-4 pt-10 sm:px-6">
      <h1 className="text-title font-semibold tracking-[-0.02em]">{t("title")}</h1>
      <p className="mb-5 text-ink-2">{t("lead", { count: cards.length })}</p>
      <PublicSearch words={words}>
        <CategoryLinks current={null} />
        {catalogueOverview(cards).map((group) => (
          <section key={group.key} className="mt-7">
            <h2 className="group-title">
              {labels(group.key)} <span className="count">{group.total}</span>
              {group.total > group.cards.length ? (
                <a href={`/integrations/categories/${group.key}`}>
                  {t("all", { count: group.total })}
                  <span className="sr-only"> {labels(group.key)}</span>
                </a>
              ) : null}
            </h2>
            <CatalogueRows entries={group.cards} />
          </section>
        ))}
      </PublicSearch>
    </div>
  );
}
