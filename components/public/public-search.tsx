"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { ConnectorCard } from "@/lib/catalogue/card";
import { type CatalogueEntry, CatalogueRows, catalogueEntry } from "./catalogue-rows";
import { type CategoryLink, CategoryLinks } from "./category-links";

type Words = Record<"label" | "placeholder" | "found" | "nothing" | "failed" | "categories" | "everything", string>;
type Search = (query: string) => ConnectorCard[];

const rowsAtATime = 60;
let loading: Promise<Search> | undefined;

/** The cards and the search itself, fetched with the first sign that somebody will type. */
function loadSearch(): Promise<Search> {
  loading ??= Promise.all([
    import("@/lib/catalogue/search"),
    fetch("/integrations/catalogue.json").then((answer) => {
      if (!answer.ok) throw new Error(`the catalogue answered ${answer.status}`);
      return answer.json() as Promise<ConnectorCard[]>;
    }),
  ]).then(
    ([module, cards]) =>
      (query) =>
        module.searchConnectors(cards, query),
  );
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

type CatalogueGroup = CategoryLink & {
  entries: CatalogueEntry[];
  /** The link to the category's own page, where not all of it is here; `label` is what it says when read alone. */
  all: { words: string; label: string } | null;
};

type Props = { words: Words; groups: CatalogueGroup[] };

/**
 * The public catalogue with its search. The groups are in the static page and stay until somebody types; they come as
 * plain data, because as ready-made elements they would be in the page twice.
 */
export function PublicSearch({ words, groups }: Props) {
  const [query, setQuery] = useState("");
  const [search, setSearch] = useState<Search | null>(null);
  const [failed, setFailed] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  const load = useCallback(() => {
    loadSearch().then(
      (loaded) => {
        setFailed(false);
        setSearch(() => loaded);
      },
      () => setFailed(true),
    );
  }, []);

  useEffect(() => {
    const asked = new URLSearchParams(window.location.search).get("q") ?? "";
    // What was typed before this script ran is kept.
    const first = input.current?.value || asked;
    if (first) {
      setQuery(first);
      load();
    }
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key !== "/" || event.metaKey || event.ctrlKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
        return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [load]);

  useEffect(() => {
    const timer = setTimeout(() => {
      const url = new URL(window.location.href);
      if (query.trim()) url.searchParams.set("q", query.trim());
      else url.searchParams.delete("q");
      if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
    }, 300);
    return () => clearTimeout(timer);
  }, [query]);

  const results = query.trim() && search ? search(query).slice(0, rowsAtATime) : null;
  return (
    <>
      <search>
        <input
          ref={input}
          type="search"
          className="field max-w-xl"
          aria-label={words.label}
          placeholder={words.placeholder}
          autoComplete="off"
          spellCheck={false}
          value={query}
          onFocus={load}
          onPointerEnter={load}
          onChange={(event) => {
            setQuery(event.target.value);
            if (!search) load();
          }}
        />
      </search>
      <p role="status" className={failed || (results && results.length === 0) ? "mt-6 text-ink-2" : "sr-only"}>
        {failed
          ? words.failed
          : results
            ? results.length === 0
              ? words.nothing
              : words.found.replace("#", String(results.length))
            : ""}
      </p>
      {results ? (
        <div className="mt-6">
          <CatalogueRows entries={results.map(catalogueEntry)} />
        </div>
      ) : (
        <>
          <CategoryLinks label={words.categories} everything={words.everything} categories={groups} current={null} />
          {groups.map(({ key, label, total, entries, all }) => (
            <section key={key} className="group">
              <h2>
                {label} <span className="count">{total}</span>
                {all ? (
                  <a href={`/integrations/categories/${key}`} aria-label={all.label}>
                    {all.words}
                  </a>
                ) : null}
              </h2>
              <CatalogueRows entries={entries} />
            </section>
          ))}
        </>
      )}
    </>
  );
}
