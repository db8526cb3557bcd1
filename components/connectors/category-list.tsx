"use client";

import { useTranslations } from "next-intl";
import type { MouseEvent } from "react";
import { type CategoryKey, categories } from "@/lib/catalogue/categories";
import { type CatalogFilters, filterSearch } from "./filter-values";

type Props = {
  filters: CatalogFilters;
  counts: ReadonlyMap<CategoryKey, number>;
  total: number;
  onPick: (category: CategoryKey | null) => void;
};

/** Categories with their counts: a column beside the cards, a row of chips above them on small screens. */
export function CategoryList({ filters, counts, total, onPick }: Props) {
  const t = useTranslations("catalog");
  const labels = useTranslations("shortCategories");
  const entries = [
    { key: null, label: t("all"), count: total },
    ...categories.map(({ key }) => ({ key, label: labels(key), count: counts.get(key) ?? 0 })),
  ];
  return (
    <nav aria-label={t("categories")} className="-mx-4 min-w-0 sm:-mx-6 lg:sticky lg:top-6 lg:mx-0 lg:self-start">
      <ul className="flex gap-2 overflow-x-auto px-4 py-1 [scrollbar-width:none] sm:px-6 lg:flex-col lg:gap-0 lg:overflow-visible lg:p-0">
        {entries.map(({ key, label, count }) => {
          const current = filters.category === key;
          const search = filterSearch({ ...filters, category: key });
          return (
            <li key={key ?? "all"} className="flex-none">
              {/* A real link: it can be copied and opened elsewhere; here it needs no round trip. */}
              <a
                href={`/connectors${search ? `?${search}` : ""}`}
                aria-current={current ? "true" : undefined}
                onClick={(event) => {
                  if (isPlainClick(event)) {
                    event.preventDefault();
                    onPick(key);
                  }
                }}
                className={`flex h-[31px] items-center justify-between gap-3 rounded-lg border px-3 text-sm whitespace-nowrap transition-colors lg:border-transparent lg:px-2.5 ${
                  current
                    ? "border-line bg-chip font-medium text-ink"
                    : "border-line text-ink-2 hover:bg-hover hover:text-ink"
                }`}
              >
                {label}
                <span className="count">{count}</span>
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}
