import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { shownCards } from "@/components/connectors/shown-cards";
import { CatalogueRows, catalogueEntry } from "@/components/public/catalogue-rows";
import { CategoryLinks } from "@/components/public/category-links";
import { type CategoryKey, categoryKeys } from "@/lib/catalogue/categories";

export const dynamicParams = false;
type Props = { params: Promise<{ category: string }> };

export function generateStaticParams() {
  return categoryKeys.map((category) => ({ category }));
}

async function categoryOf({ params }: Props): Promise<CategoryKey> {
  const { category } = await params;
  return categoryKeys.find((key) => key === category) ?? notFound();
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const labels = await getTranslations("categories");
  return { title: labels(await categoryOf(props)) };
}

export default async function CategoryPage(props: Props) {
  const category = await categoryOf(props);
  const t = await getTranslations("integrations");
  const labels = await getTranslations("categories");
  const links = categoryKeys.map((key) => ({
    key,
    label: labels(key),
    total: shownCards().filter((card) => card.category === key).length,
  }));
  const cards = shownCards().filter((card) => card.category === category);
  return (
    <div className="mx-auto max-w-[1100px] px-4 pt-10 sm:px-6">
      <h1 className="text-title font-semibold tracking-[-0.02em]">{labels(category)}</h1>
      <p className="text-ink-2">{t("categoryLead", { count: cards.length })}</p>
      <CategoryLinks label={t("categories")} everything={t("everything")} categories={links} current={category} />
      <div className="mt-7">
        <CatalogueRows entries={cards.map(catalogueEntry)} />
      </div>
    </div>
  );
}
