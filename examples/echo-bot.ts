/**
 * Answers every message with the same text, end-to-end encrypted like any other client:
 *   node examples/echo-bot.ts http://localhost:3000 echo-bot 'a long password'
 */
import { type Chat, ChatError, type ConversationView, createNodeChat } from '@sotto/core';

const [origin = 'http://localhost:3000', username = 'echo-bot', password = ''] = process.argv.slice(2);

const chat = await createNodeChat({ origin });
await signInOrRegister(chat);
console.log(`${username} is listening at ${origin}`);

let answering = Promise.resolve();
const answerAll = () => {
  answering = answering.then(async () => {
    for (const conversation of chat.snapshot().conversations) await answer(conversation);
  });
};
chat.subscribe(answerAll);
answerAll();

async function answer({ key, unread, total }: ConversationView): Promise<void> {
  if (unread === 0) return;
  const from = Math.max(0, total - 2 * unread);
  const lines = await chat.readMessages({ conversation: key, from, count: total - from });
  await chat.markRead({ conversation: key, index: total - 1 });
  for (const { text } of lines.filter((line) => line.kind === 'text' && !line.mine).slice(-unread))
    await chat.sendMessage({ conversation: key, id: crypto.randomUUID().replaceAll('-', ''), text });
}

async function signInOrRegister(bot: Chat): Promise<void> {
  try {
    await bot.signIn({ username, password });
  } catch (error) {
    if (!(error instanceof ChatError) || error.code !== 'wrong_credentials') throw error;
    await bot.register({ username, password });
  }
}
process.once('SIGINT', () => chat.signOut({}).finally(() => process.exit(0)));
