"use client";
import { ClerkProvider, UserButton } from "@clerk/nextjs";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { useState } from "react";

export function Providers({ publishableKey }: { publishableKey: string }) {
  const [client] = useState(() => new QueryClient());
  return (
    <ClerkProvider publishableKey={publishableKey} dynamic={false}>
      <QueryClientProvider client={client}>
        <Hello />
        <UserButton />
      </QueryClientProvider>
    </ClerkProvider>
  );
}

function Hello() {
  const { data } = useQuery({ queryKey: ["hello"], queryFn: async () => "Hello" });
  return <p>{data}</p>;
}
