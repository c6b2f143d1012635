// A storyteller on discord.js: node bot.cjs PORT TOKEN FRAMES.json. Says what it does as JSON, one line each.
const { readFileSync } = require("node:fs");
const { Readable } = require("node:stream");
const { createRequire } = require("node:module");
const load = createRequire(process.env.ECHOTALES_NODE_MODULES + "/");
const { ActionRowBuilder, ButtonBuilder, ButtonStyle, Client, GatewayIntentBits, AttachmentBuilder } = load("discord.js");
const voice = load("@discordjs/voice");

const [port, token, framesFile] = process.argv.slice(2);
const frames = JSON.parse(readFileSync(framesFile, "utf8")).map((hex) => Buffer.from(hex, "hex"));
const say = (event, about = {}) => console.log(JSON.stringify({ event, ...about }));
const buttons = (label) =>
  new ActionRowBuilder().addComponents(new ButtonBuilder().setCustomId("cancel").setLabel(label).setStyle(ButtonStyle.Danger));
const commands = [
  { name: "tale", description: "Tells a tale", options: [{ type: 3, name: "prompt", description: "About", required: true }] },
  { name: "play", description: "Plays and listens" },
  { name: "wrong", description: "Says too much" },
];

const client = new Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildVoiceStates],
  rest: { api: `https://localhost:${port}/api` },
});

const tale = async (interaction) => {
  await interaction.deferReply();
  const file = new AttachmentBuilder(Buffer.from("OggS"), { name: "tale.ogg" });
  const content = `Once upon a time there was ${interaction.options.getString("prompt")}.`;
  await interaction.editReply({ content, files: [file], components: [buttons("Cancel")] });
};

const wrong = async (interaction) => {
  const code = await interaction.reply("x".repeat(2001)).catch((error) => error.code);
  await interaction.reply(`refused with ${code}`);
};

const play = async (interaction) => {
  const { channelId } = interaction.member.voice;
  const { guildId } = interaction;
  const connection = voice.joinVoiceChannel({
    channelId, guildId, adapterCreator: interaction.guild.voiceAdapterCreator, selfDeaf: false,
  });
  connection.on("error", (error) => say("error", { error: String(error) }));
  await voice.entersState(connection, voice.VoiceConnectionStatus.Ready, 10_000);
  const heard = [];
  const stream = connection.receiver.subscribe(interaction.user.id, { end: { behavior: voice.EndBehaviorType.AfterSilence, duration: 300 } });
  stream.on("data", (frame) => heard.push(frame.toString("hex")));
  stream.on("end", () => say("heard", { frames: heard }));
  const player = voice.createAudioPlayer();
  connection.subscribe(player);
  await interaction.reply("Playing.");
  await new Promise((resolve) => setTimeout(resolve, 300));
  player.play(voice.createAudioResource(Readable.from(frames), { inputType: voice.StreamType.Opus }));
  say("playing");
};

client.on("interactionCreate", async (interaction) => {
  if (interaction.isButton()) return interaction.update({ content: "Cancelled.", components: [], attachments: [] });
  return { tale, play, wrong }[interaction.commandName](interaction);
});
client.on("shardResume", () => say("resumed"));
client.once("clientReady", async () => {
  await client.application.commands.set(commands);
  say("ready", { guilds: client.guilds.cache.size });
});
client.login(token);
