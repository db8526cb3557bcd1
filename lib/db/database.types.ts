// Written by scripts/db-types.ts from the migrations. Do not edit.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      action_usage: {
        Row: {
          action: string;
          calls: number;
          connection_id: string;
          day: string;
          failures: number;
          owner_id: string;
        };
        Insert: {
          action: string;
          calls?: number;
          connection_id: string;
          day: string;
          failures?: number;
          owner_id: string;
        };
        Update: {
          action?: string;
          calls?: number;
          connection_id?: string;
          day?: string;
          failures?: number;
          owner_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "action_usage_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
        ];
      };
      api_keys: {
        Row: {
          created_at: string;
          created_by: string;
          expires_at: string | null;
          id: string;
          key_hash: string;
          last_used_at: string | null;
          name: string;
          owner_id: string;
          prefix: string;
          revoked_at: string | null;
          revoked_by: string | null;
          revoked_why: string | null;
          scopes: string[];
        };
        Insert: {
          created_at?: string;
          created_by: string;
          expires_at?: string | null;
          id?: string;
          key_hash: string;
          last_used_at?: string | null;
          name: string;
          owner_id: string;
          prefix: string;
          revoked_at?: string | null;
          revoked_by?: string | null;
          revoked_why?: string | null;
          scopes?: string[];
        };
        Update: {
          created_at?: string;
          created_by?: string;
          expires_at?: string | null;
          id?: string;
          key_hash?: string;
          last_used_at?: string | null;
          name?: string;
          owner_id?: string;
          prefix?: string;
          revoked_at?: string | null;
          revoked_by?: string | null;
          revoked_why?: string | null;
          scopes?: string[];
        };
        Relationships: [
          {
            foreignKeyName: "api_keys_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "people";
            referencedColumns: ["user_id"];
          },
        ];
      };
      clerk_deliveries: {
        Row: {
          attempts: number;
          finished_at: string | null;
          organization_id: string | null;
          received_at: string;
          svix_id: string;
          type: string;
          user_id: string | null;
          verdict: string | null;
        };
        Insert: {
          attempts?: number;
          finished_at?: string | null;
          organization_id?: string | null;
          received_at?: string;
          svix_id: string;
          type: string;
          user_id?: string | null;
          verdict?: string | null;
        };
        Update: {
          attempts?: number;
          finished_at?: string | null;
          organization_id?: string | null;
          received_at?: string;
          svix_id?: string;
          type?: string;
          user_id?: string | null;
          verdict?: string | null;
        };
        Relationships: [
        ];
      };
      connect_links: {
        Row: {
          automatic: boolean;
          code_expires_at: string | null;
          code_hash: string | null;
          connection_id: string | null;
          connector: string;
          created_at: string;
          created_by: string;
          email: string | null;
          expires_at: string;
          id: string;
          made_with: string;
          owner_id: string;
          redeemed_at: string | null;
          redirect_uri: string | null;
          revoked_at: string | null;
          revoked_by: string | null;
          scopes: string[] | null;
          state_hash: string | null;
          token_hash: string;
          used_at: string | null;
          used_by: string | null;
          user_id: string | null;
        };
        Insert: {
          automatic?: boolean;
          code_expires_at?: string | null;
          code_hash?: string | null;
          connection_id?: string | null;
          connector: string;
          created_at?: string;
          created_by: string;
          email?: string | null;
          expires_at?: string;
          id?: string;
          made_with?: string;
          owner_id: string;
          redeemed_at?: string | null;
          redirect_uri?: string | null;
          revoked_at?: string | null;
          revoked_by?: string | null;
          scopes?: string[] | null;
          state_hash?: string | null;
          token_hash: string;
          used_at?: string | null;
          used_by?: string | null;
          user_id?: string | null;
        };
        Update: {
          automatic?: boolean;
          code_expires_at?: string | null;
          code_hash?: string | null;
          connection_id?: string | null;
          connector?: string;
          created_at?: string;
          created_by?: string;
          email?: string | null;
          expires_at?: string;
          id?: string;
          made_with?: string;
          owner_id?: string;
          redeemed_at?: string | null;
          redirect_uri?: string | null;
          revoked_at?: string | null;
          revoked_by?: string | null;
          scopes?: string[] | null;
          state_hash?: string | null;
          token_hash?: string;
          used_at?: string | null;
          used_by?: string | null;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "connect_links_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connect_links_connector_fkey";
            columns: ["connector"];
            isOneToOne: false;
            referencedRelation: "connectors";
            referencedColumns: ["slug"];
          },
          {
            foreignKeyName: "connect_links_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "people";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "connect_links_used_by_fkey";
            columns: ["used_by"];
            isOneToOne: false;
            referencedRelation: "people";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "connect_links_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "people";
            referencedColumns: ["user_id"];
          },
        ];
      };
      connection_attempts: {
        Row: {
          auth_method: string;
          connection_id: string | null;
          connector: string;
          created_at: string;
          ended_at: string | null;
          id: string;
          instance: string;
          integration_key: string;
          is_reconnect: boolean;
          link_id: string | null;
          looked_at: string | null;
          outcome: string | null;
          owner_id: string;
          scopes: string[] | null;
          session_expires_at: string;
          session_token: string | null;
          started_by: string;
          status: string;
          updated_at: string;
          visibility: string;
        };
        Insert: {
          auth_method?: never;
          connection_id?: string | null;
          connector: string;
          created_at?: string;
          ended_at?: string | null;
          id?: string;
          instance: string;
          integration_key: string;
          is_reconnect?: boolean;
          link_id?: string | null;
          looked_at?: string | null;
          outcome?: string | null;
          owner_id: string;
          scopes?: string[] | null;
          session_expires_at?: string;
          session_token?: string | null;
          started_by: string;
          status?: string;
          updated_at?: string;
          visibility: string;
        };
        Update: {
          auth_method?: never;
          connection_id?: string | null;
          connector?: string;
          created_at?: string;
          ended_at?: string | null;
          id?: string;
          instance?: string;
          integration_key?: string;
          is_reconnect?: boolean;
          link_id?: string | null;
          looked_at?: string | null;
          outcome?: string | null;
          owner_id?: string;
          scopes?: string[] | null;
          session_expires_at?: string;
          session_token?: string | null;
          started_by?: string;
          status?: string;
          updated_at?: string;
          visibility?: string;
        };
        Relationships: [
          {
            foreignKeyName: "connection_attempts_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connection_attempts_connector_fkey";
            columns: ["connector"];
            isOneToOne: false;
            referencedRelation: "connectors";
            referencedColumns: ["slug"];
          },
          {
            foreignKeyName: "connection_attempts_link_id_fkey";
            columns: ["link_id"];
            isOneToOne: false;
            referencedRelation: "connect_links";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connection_attempts_started_by_fkey";
            columns: ["started_by"];
            isOneToOne: false;
            referencedRelation: "people";
            referencedColumns: ["user_id"];
          },
        ];
      };
      connection_events: {
        Row: {
          actor_id: string | null;
          actor_kind: string;
          connection_id: string | null;
          created_at: string;
          data: Json;
          id: number;
          owner_id: string | null;
          reason_code: string | null;
          type: string;
        };
        Insert: {
          actor_id?: string | null;
          actor_kind: string;
          connection_id?: string | null;
          created_at?: string;
          data?: Json;
          id?: never;
          owner_id?: string | null;
          reason_code?: string | null;
          type: string;
        };
        Update: {
          actor_id?: string | null;
          actor_kind?: string;
          connection_id?: string | null;
          created_at?: string;
          data?: Json;
          id?: never;
          owner_id?: string | null;
          reason_code?: string | null;
          type?: string;
        };
        Relationships: [
          {
            foreignKeyName: "connection_events_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
        ];
      };
      connections: {
        Row: {
          account_id: string | null;
          account_name: string | null;
          auth_method: string;
          checked_at: string | null;
          config: Json;
          connected_at: string | null;
          connected_by: string;
          connector: string;
          contact_id: string | null;
          created_at: string;
          credentials_readable: boolean | null;
          default_before: boolean;
          disconnected_at: string | null;
          disconnected_by: string | null;
          error_count: number;
          expires_at: string | null;
          expiry_warned: number | null;
          found_account_id: string | null;
          found_account_name: string | null;
          id: string;
          integration_key: string;
          is_default: boolean;
          label: string | null;
          last_error: string | null;
          last_probed_at: string | null;
          last_synced_at: string | null;
          last_used_at: string | null;
          looking_since: string | null;
          metadata: Json;
          nango_connection_id: string;
          nango_error_cleared: string | null;
          nango_error_id: string | null;
          next_probe_at: string | null;
          number: number;
          owner_id: string;
          person_left_at: string | null;
          reason_before: string | null;
          reason_code: string | null;
          reconciled_at: string | null;
          remote_delete_after: string | null;
          remote_delete_started_at: string | null;
          remote_deleted_at: string | null;
          remote_result: string | null;
          scopes_granted: string[] | null;
          scopes_requested: string[] | null;
          sign_in_left: boolean;
          signed_in_at: string | null;
          signed_in_attempt: string | null;
          signed_in_by: string | null;
          status: string;
          status_before: string | null;
          suspect_since: string | null;
          updated_at: string;
          upstream_result: string | null;
          visibility: string;
        };
        Insert: {
          account_id?: string | null;
          account_name?: string | null;
          auth_method?: string;
          checked_at?: string | null;
          config?: Json;
          connected_at?: string | null;
          connected_by: string;
          connector: string;
          contact_id?: string | null;
          created_at?: string;
          credentials_readable?: boolean | null;
          default_before?: boolean;
          disconnected_at?: string | null;
          disconnected_by?: string | null;
          error_count?: number;
          expires_at?: string | null;
          expiry_warned?: number | null;
          found_account_id?: string | null;
          found_account_name?: string | null;
          id?: string;
          integration_key: string;
          is_default?: boolean;
          label?: string | null;
          last_error?: string | null;
          last_probed_at?: string | null;
          last_synced_at?: string | null;
          last_used_at?: string | null;
          looking_since?: string | null;
          metadata?: Json;
          nango_connection_id: string;
          nango_error_cleared?: string | null;
          nango_error_id?: string | null;
          next_probe_at?: string | null;
          number: number;
          owner_id: string;
          person_left_at?: string | null;
          reason_before?: string | null;
          reason_code?: string | null;
          reconciled_at?: string | null;
          remote_delete_after?: string | null;
          remote_delete_started_at?: string | null;
          remote_deleted_at?: string | null;
          remote_result?: string | null;
          scopes_granted?: string[] | null;
          scopes_requested?: string[] | null;
          sign_in_left?: boolean;
          signed_in_at?: string | null;
          signed_in_attempt?: string | null;
          signed_in_by?: string | null;
          status: string;
          status_before?: string | null;
          suspect_since?: string | null;
          updated_at?: string;
          upstream_result?: string | null;
          visibility?: string;
        };
        Update: {
          account_id?: string | null;
          account_name?: string | null;
          auth_method?: string;
          checked_at?: string | null;
          config?: Json;
          connected_at?: string | null;
          connected_by?: string;
          connector?: string;
          contact_id?: string | null;
          created_at?: string;
          credentials_readable?: boolean | null;
          default_before?: boolean;
          disconnected_at?: string | null;
          disconnected_by?: string | null;
          error_count?: number;
          expires_at?: string | null;
          expiry_warned?: number | null;
          found_account_id?: string | null;
          found_account_name?: string | null;
          id?: string;
          integration_key?: string;
          is_default?: boolean;
          label?: string | null;
          last_error?: string | null;
          last_probed_at?: string | null;
          last_synced_at?: string | null;
          last_used_at?: string | null;
          looking_since?: string | null;
          metadata?: Json;
          nango_connection_id?: string;
          nango_error_cleared?: string | null;
          nango_error_id?: string | null;
          next_probe_at?: string | null;
          number?: number;
          owner_id?: string;
          person_left_at?: string | null;
          reason_before?: string | null;
          reason_code?: string | null;
          reconciled_at?: string | null;
          remote_delete_after?: string | null;
          remote_delete_started_at?: string | null;
          remote_deleted_at?: string | null;
          remote_result?: string | null;
          scopes_granted?: string[] | null;
          scopes_requested?: string[] | null;
          sign_in_left?: boolean;
          signed_in_at?: string | null;
          signed_in_attempt?: string | null;
          signed_in_by?: string | null;
          status?: string;
          status_before?: string | null;
          suspect_since?: string | null;
          updated_at?: string;
          upstream_result?: string | null;
          visibility?: string;
        };
        Relationships: [
          {
            foreignKeyName: "connections_connected_by_fkey";
            columns: ["connected_by"];
            isOneToOne: false;
            referencedRelation: "people";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "connections_connector_fkey";
            columns: ["connector"];
            isOneToOne: false;
            referencedRelation: "connectors";
            referencedColumns: ["slug"];
          },
          {
            foreignKeyName: "connections_contact_id_fkey";
            columns: ["contact_id"];
            isOneToOne: false;
            referencedRelation: "people";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "connections_signed_in_by_fkey";
            columns: ["signed_in_by"];
            isOneToOne: false;
            referencedRelation: "people";
            referencedColumns: ["user_id"];
          },
        ];
      };
      connector_policies: {
        Row: {
          created_at: string;
          created_by: string;
          effect: string;
          id: string;
          owner_id: string;
          subject: string;
          subject_kind: string;
        };
        Insert: {
          created_at?: string;
          created_by: string;
          effect: string;
          id?: string;
          owner_id: string;
          subject: string;
          subject_kind: string;
        };
        Update: {
          created_at?: string;
          created_by?: string;
          effect?: string;
          id?: string;
          owner_id?: string;
          subject?: string;
          subject_kind?: string;
        };
        Relationships: [
        ];
      };
      connectors: {
        Row: {
          auth_mode: string | null;
          category: string;
          created_at: string;
          id: string;
          integration_key: string | null;
          listed: boolean;
          manifest: Json;
          manifest_hash: string;
          name: string;
          provider_key: string | null;
          slug: string;
          status: string;
          updated_at: string;
          version: string;
        };
        Insert: {
          auth_mode?: string | null;
          category: string;
          created_at?: string;
          id?: string;
          integration_key?: string | null;
          listed?: boolean;
          manifest: Json;
          manifest_hash: string;
          name: string;
          provider_key?: string | null;
          slug: string;
          status: string;
          updated_at?: string;
          version: string;
        };
        Update: {
          auth_mode?: string | null;
          category?: string;
          created_at?: string;
          id?: string;
          integration_key?: string | null;
          listed?: boolean;
          manifest?: Json;
          manifest_hash?: string;
          name?: string;
          provider_key?: string | null;
          slug?: string;
          status?: string;
          updated_at?: string;
          version?: string;
        };
        Relationships: [
        ];
      };
      departures: {
        Row: {
          attempts_count: number;
          contact_id: string | null;
          created_at: string;
          disconnected_count: number;
          id: string;
          keys_count: number;
          links_count: number;
          owner_id: string;
          returned_at: string | null;
          stayed: string[];
          stayed_count: number;
          user_id: string;
          why: string;
        };
        Insert: {
          attempts_count?: number;
          contact_id?: string | null;
          created_at?: string;
          disconnected_count?: number;
          id?: string;
          keys_count?: number;
          links_count?: number;
          owner_id: string;
          returned_at?: string | null;
          stayed?: string[];
          stayed_count?: number;
          user_id: string;
          why: string;
        };
        Update: {
          attempts_count?: number;
          contact_id?: string | null;
          created_at?: string;
          disconnected_count?: number;
          id?: string;
          keys_count?: number;
          links_count?: number;
          owner_id?: string;
          returned_at?: string | null;
          stayed?: string[];
          stayed_count?: number;
          user_id?: string;
          why?: string;
        };
        Relationships: [
          {
            foreignKeyName: "departures_contact_id_fkey";
            columns: ["contact_id"];
            isOneToOne: false;
            referencedRelation: "people";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "departures_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "people";
            referencedColumns: ["user_id"];
          },
        ];
      };
      notices: {
        Row: {
          account: string | null;
          connection_id: string | null;
          connector: string | null;
          count: number | null;
          created_at: string;
          days: number | null;
          departure_id: string | null;
          event_id: number | null;
          id: number;
          kind: string;
          owner_id: string;
          person: string | null;
          reason_code: string | null;
          seen_at: string | null;
          user_id: string;
        };
        Insert: {
          account?: string | null;
          connection_id?: string | null;
          connector?: string | null;
          count?: number | null;
          created_at?: string;
          days?: number | null;
          departure_id?: string | null;
          event_id?: number | null;
          id?: never;
          kind: string;
          owner_id: string;
          person?: string | null;
          reason_code?: string | null;
          seen_at?: string | null;
          user_id: string;
        };
        Update: {
          account?: string | null;
          connection_id?: string | null;
          connector?: string | null;
          count?: number | null;
          created_at?: string;
          days?: number | null;
          departure_id?: string | null;
          event_id?: number | null;
          id?: never;
          kind?: string;
          owner_id?: string;
          person?: string | null;
          reason_code?: string | null;
          seen_at?: string | null;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "notices_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "notices_departure_id_fkey";
            columns: ["departure_id"];
            isOneToOne: false;
            referencedRelation: "departures";
            referencedColumns: ["id"];
          },
        ];
      };
      oauth_credentials: {
        Row: {
          access_token: string;
          connection_config: Json;
          connection_id: string;
          created_at: string;
          expires_at: string | null;
          key_id: string;
          owner_id: string;
          refresh_refused_at: string | null;
          refresh_token: string | null;
          tokens_since: string;
          updated_at: string;
          version: number;
        };
        Insert: {
          access_token: string;
          connection_config?: Json;
          connection_id: string;
          created_at?: string;
          expires_at?: string | null;
          key_id: string;
          owner_id: string;
          refresh_refused_at?: string | null;
          refresh_token?: string | null;
          tokens_since?: string;
          updated_at?: string;
          version?: number;
        };
        Update: {
          access_token?: string;
          connection_config?: Json;
          connection_id?: string;
          created_at?: string;
          expires_at?: string | null;
          key_id?: string;
          owner_id?: string;
          refresh_refused_at?: string | null;
          refresh_token?: string | null;
          tokens_since?: string;
          updated_at?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "oauth_credentials_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: true;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
        ];
      };
      oauth_states: {
        Row: {
          attempt_id: string;
          browser_hash: string;
          connection_config: Json;
          created_at: string;
          expires_at: string;
          key_id: string | null;
          owner_id: string;
          redirect_uri: string;
          return_to: string | null;
          state_hash: string;
          used_at: string | null;
          user_id: string;
          verifier: string | null;
        };
        Insert: {
          attempt_id: string;
          browser_hash: string;
          connection_config?: Json;
          created_at?: string;
          expires_at: string;
          key_id?: string | null;
          owner_id: string;
          redirect_uri: string;
          return_to?: string | null;
          state_hash: string;
          used_at?: string | null;
          user_id: string;
          verifier?: string | null;
        };
        Update: {
          attempt_id?: string;
          browser_hash?: string;
          connection_config?: Json;
          created_at?: string;
          expires_at?: string;
          key_id?: string | null;
          owner_id?: string;
          redirect_uri?: string;
          return_to?: string | null;
          state_hash?: string;
          used_at?: string | null;
          user_id?: string;
          verifier?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "oauth_states_attempt_id_fkey";
            columns: ["attempt_id"];
            isOneToOne: true;
            referencedRelation: "connection_attempts";
            referencedColumns: ["id"];
          },
        ];
      };
      people: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          email: string | null;
          image_url: string | null;
          name: string | null;
          updated_at: string;
          user_id: string;
        };
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          email?: string | null;
          image_url?: string | null;
          name?: string | null;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          email?: string | null;
          image_url?: string | null;
          name?: string | null;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
        ];
      };
      quarantined_connections: {
        Row: {
          attempt_id: string | null;
          first_seen_at: string;
          id: string;
          integration_key: string;
          last_seen_at: string;
          nango_connection_id: string;
          owner_id: string | null;
          private_to: string | null;
          reason_code: string;
          remote_deleted_at: string | null;
          resolution: string | null;
          resolved_at: string | null;
          resolved_by: string | null;
          seen_count: number;
          tags: Json;
        };
        Insert: {
          attempt_id?: string | null;
          first_seen_at?: string;
          id?: string;
          integration_key: string;
          last_seen_at?: string;
          nango_connection_id: string;
          owner_id?: string | null;
          private_to?: string | null;
          reason_code: string;
          remote_deleted_at?: string | null;
          resolution?: string | null;
          resolved_at?: string | null;
          resolved_by?: string | null;
          seen_count?: number;
          tags?: Json;
        };
        Update: {
          attempt_id?: string | null;
          first_seen_at?: string;
          id?: string;
          integration_key?: string;
          last_seen_at?: string;
          nango_connection_id?: string;
          owner_id?: string | null;
          private_to?: string | null;
          reason_code?: string;
          remote_deleted_at?: string | null;
          resolution?: string | null;
          resolved_at?: string | null;
          resolved_by?: string | null;
          seen_count?: number;
          tags?: Json;
        };
        Relationships: [
          {
            foreignKeyName: "quarantined_connections_attempt_id_fkey";
            columns: ["attempt_id"];
            isOneToOne: false;
            referencedRelation: "connection_attempts";
            referencedColumns: ["id"];
          },
        ];
      };
      webhook_deliveries: {
        Row: {
          attempts: number;
          body: string;
          body_sha256: string;
          connection_id: string | null;
          failures: number;
          finished_at: string | null;
          id: number;
          integration_key: string | null;
          last_error: string | null;
          last_seen_at: string;
          nango_connection_id: string | null;
          operation: string | null;
          reason_code: string | null;
          received_at: string;
          seen_count: number;
          type: string | null;
          verdict: string | null;
        };
        Insert: {
          attempts?: number;
          body: string;
          body_sha256: string;
          connection_id?: string | null;
          failures?: number;
          finished_at?: string | null;
          id?: never;
          integration_key?: string | null;
          last_error?: string | null;
          last_seen_at?: string;
          nango_connection_id?: string | null;
          operation?: string | null;
          reason_code?: string | null;
          received_at?: string;
          seen_count?: number;
          type?: string | null;
          verdict?: string | null;
        };
        Update: {
          attempts?: number;
          body?: string;
          body_sha256?: string;
          connection_id?: string | null;
          failures?: number;
          finished_at?: string | null;
          id?: never;
          integration_key?: string | null;
          last_error?: string | null;
          last_seen_at?: string;
          nango_connection_id?: string | null;
          operation?: string | null;
          reason_code?: string | null;
          received_at?: string;
          seen_count?: number;
          type?: string | null;
          verdict?: string | null;
        };
        Relationships: [
        ];
      };
    };
    Views: Record<never, never>;
    Functions: {
      blocked_connectors: {
        Args: {
          p_owner: string;
        };
        Returns: string[];
      };
      connection_counts: {
        Args: {
          p_owner: string;
          p_user: string;
        };
        Returns: {
          connector: string | null;
          connected: number | null;
          needs_attention: number | null;
          pending: number | null;
        }[];
      };
      list_connection_events: {
        Args: {
          p_owner: string;
          p_user: string;
          p_connection: string;
          p_before_id?: number;
          p_limit?: number;
        };
        Returns: {
          id: number;
          connection_id: string | null;
          type: string | null;
          reason_code: string | null;
          actor_kind: string;
          actor_id: string | null;
          actor_name: string | null;
          data: Json;
          created_at: string;
        }[];
      };
      list_connections: {
        Args: {
          p_owner: string;
          p_user: string;
          p_id?: string;
          p_connector?: string;
          p_status?: string;
          p_visible_to?: string;
          p_before_at?: string;
          p_before_id?: string;
          p_limit?: number;
        };
        Returns: {
          id: string;
          owner_id: string | null;
          visibility: string;
          connector: string | null;
          auth_method: string;
          status: string;
          reason_code: string | null;
          suspect_since: string | null;
          looking_since: string | null;
          account_id: string | null;
          account_name: string | null;
          found_account_name: string | null;
          twin_id: string | null;
          label: string | null;
          is_default: boolean;
          number: number;
          scopes_requested: string[] | null;
          scopes_granted: string[] | null;
          credentials_readable: boolean | null;
          connected_by: string;
          person_name: string | null;
          person_image_url: string | null;
          connected_at: string | null;
          signed_in_at: string | null;
          checked_at: string | null;
          disconnected_at: string | null;
          disconnected_by: string | null;
          last_used_at: string | null;
          last_synced_at: string | null;
          expires_at: string | null;
          error_count: number;
          remote_delete_after: string | null;
          remote_delete_started_at: string | null;
          remote_deleted_at: string | null;
          remote_result: string | null;
          upstream_result: string | null;
          created_at: string;
          updated_at: string;
          contact_id: string | null;
          contact_name: string | null;
          person_left_at: string | null;
          sign_in_left: boolean;
          total_count: number | null;
        }[];
      };
      list_notices: {
        Args: {
          p_owner: string;
          p_user: string;
          p_limit?: number;
        };
        Returns: {
          id: number;
          kind: string;
          connection_id: string | null;
          connector: string | null;
          account: string | null;
          reason_code: string | null;
          days: number | null;
          created_at: string;
          seen_at: string | null;
          unseen_count: number | null;
          visibility: string;
          departure_id: string | null;
          person: string | null;
          count: number | null;
        }[];
      };
      may_connect: {
        Args: {
          p_owner: string;
          p_connector: string;
        };
        Returns: boolean;
      };
      requesting_owner_id: {
        Args: never;
        Returns: string;
      };
      requesting_user_id: {
        Args: never;
        Returns: string;
      };
    };
    Enums: Record<never, never>;
    CompositeTypes: Record<never, never>;
  };
};
