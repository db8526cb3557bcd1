"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";
import { type CatalogFilters, filterSearch, readFilters } from "./filter-values";

const typingPause = 250;

/**
 * The filters, kept in step with the URL without a round trip to the server. Typing replaces the entry of the history
 * after a pause; every other choice adds one.
 */
export function useCatalogFilters() {
  const params = useSearchParams();
  const [filters, setFilters] = useState(() => readFilters(params));
  // Our own writes come back through useSearchParams later; they must not undo what was typed meanwhile.
  const written = useRef(new Set<string>());
  const last = useRef(filterSearch(filters));
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const write = useCallback((next: CatalogFilters, how: "pushState" | "replaceState") => {
    const search = filterSearch(next);
    if (search === last.current) return;
    last.current = search;
    written.current.add(search);
    window.history[how](null, "", `${window.location.pathname}${search ? `?${search}` : ""}`);
  }, []);

  useEffect(() => {
    const search = filterSearch(readFilters(params));
    if (search === last.current) written.current.clear();
    else if (!written.current.has(search)) {
      last.current = search;
      setFilters(readFilters(params));
    }
  }, [params]);

  useEffect(() => {
    const onBack = () => {
      const now = readFilters(new URLSearchParams(window.location.search));
      last.current = filterSearch(now);
      written.current.clear();
      setFilters(now);
    };
    window.addEventListener("popstate", onBack);
    return () => {
      window.removeEventListener("popstate", onBack);
      clearTimeout(timer.current);
    };
  }, []);

  const change = useCallback(
    (part: Partial<CatalogFilters>) => {
      clearTimeout(timer.current);
      const next = { ...filters, ...part };
      setFilters(next);
      const typing = Object.keys(part).every((name) => name === "query");
      if (typing) timer.current = setTimeout(() => write(next, "replaceState"), typingPause);
      else write(next, "pushState");
    },
    [filters, write],
  );

  return { filters, change };
}
