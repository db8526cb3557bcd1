import { useTranslations } from "next-intl";
import { shownCards } from "@/components/connectors/shown-cards";
import { type CategoryKey, categories } from "@/lib/catalogue/categories";

/** The categories as pages of their own: no script is needed to reach any connector. */
export function CategoryLinks({ current }: { current: CategoryKey | null }) {
  const t = useTranslations("integrations");
  const labels = useTranslations("categories");
  const cards = shownCards();
  return (
    <nav aria-label={t("categories")} className="pills">
      <ul>
        <li>
          <a href="/integrations" aria-current={current === null ? "page" : undefined}>
            {t("everything")} <span className="count">{cards.length}</span>
          </a>
        </li>
        {categories.map(({ key }) => (
          <li key={key}>
            <a href={`/integrations/categories/${key}`} aria-current={current === key ? "page" : undefined}>
              {labels(key)} <span className="count">{cards.filter((card) => card.category === key).length}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
