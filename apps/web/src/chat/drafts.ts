/** What was typed and not sent, by conversation. Memory only: plaintext never lands in an unsealed store. */
export interface Drafts {
  read(conversation: string): string;
  keep(conversation: string, text: string): void;
  clear(): void;
}

export function createDrafts(): Drafts {
  const textByConversation = new Map<string, string>();
  return {
    read: (conversation) => textByConversation.get(conversation) ?? '',
    keep(conversation, text) {
      if (text === '') textByConversation.delete(conversation);
      else textByConversation.set(conversation, text);
    },
    clear: () => textByConversation.clear(),
  };
}
