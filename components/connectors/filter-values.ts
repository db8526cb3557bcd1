import { authKinds } from "@/lib/catalogue/card";
import { categoryKeys } from "@/lib/catalogue/categories";

/** What the catalogue is narrowed to. All of it is in the URL, so that a view can be shared and survives a reload. */
export type CatalogFilters = {
  query: string;
  category: (typeof categoryKeys)[number] | null;
  status: "connected" | "attention" | null;
  auth: (typeof authKinds)[number] | null;
};

const oneOf = <T extends string>(values: readonly T[], value: string | null): T | null =>
  values.find((each) => each === value) ?? null;

export function readFilters(params: URLSearchParams): CatalogFilters {
  return {
    query: params.get("q") ?? "",
    category: oneOf(categoryKeys, params.get("category")),
    status: oneOf(["connected", "attention"], params.get("status")),
    auth: oneOf(authKinds, params.get("auth")),
  };
}

export function filterSearch({ query, category, status, auth }: CatalogFilters): string {
  const params = new URLSearchParams();
  if (query.trim()) params.set("q", query.trim());
  if (category) params.set("category", category);
  if (status) params.set("status", status);
  if (auth) params.set("auth", auth);
  return params.toString();
}
