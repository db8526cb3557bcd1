import type { CategoryKey } from "@/lib/catalogue/categories";

export type CategoryLink = { key: CategoryKey; label: string; total: number };

type Props = { label: string; everything: string; categories: CategoryLink[]; current: CategoryKey | null };

/** The categories as pages of their own: no script is needed to reach any connector. */
export function CategoryLinks({ label, everything, categories, current }: Props) {
  const total = categories.reduce((sum, category) => sum + category.total, 0);
  return (
    <nav aria-label={label} className="pills">
      <ul>
        <li>
          <a href="/integrations" aria-current={current === null ? "page" : undefined}>
            {everything} <span className="count">{total}</span>
          </a>
        </li>
        {categories.map((category) => (
          <li key={category.key}>
            <a
              href={`/integrations/categories/${category.key}`}
              aria-current={current === category.key ? "page" : undefined}
            >
              {category.label} <span className="count">{category.total}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
