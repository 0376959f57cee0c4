/**
 * A language model small enough to list, `LanguageModel(tokens=3, longest=4, prompts=2)` of
 * `pgbook/tokens/listing.py`: the end token and two more, answers of at most four tokens, one row of
 * logits for each prompt and prefix. A test compares the list and every number with Python's.
 */

export const TOKENS = 3, LONGEST = 4, PROMPTS = 2, PREFIXES = 15; // prefixes of a prompt
const END = 0, LETTERS = ".ab";

/** @typedef {{ tokens: number[], prefixes: number[], text: string }} Answer */

/**
 * Every answer: the words that end, by length and then by their tokens, and last those that were cut
 * off. A word has the same index as a prefix. @type {Answer[]}
 */
export const ANSWERS = list();

/** The logits of chapter 15's old policy, `random_theta(1)`, [prompts, prefixes, tokens]. */
export const THETA = Float64Array.of(
   0.345584192064786, 0.8216181435011584, 0.33043707618338714, -1.303157231604361,
   0.9053558666731177, 0.4463745723640113, -0.5369532353602852, 0.5811181041963531,
   0.36457239618607573, 0.294132496655526, 0.02842224131579679, 0.5467129866124469,
   -0.7364540870016669, -0.16290994799305278, -0.48211931267997826, 0.5988462126346276,
   0.03972210748165899, -0.2924567509650886, -0.7819084623568421, -0.2571922406188707,
   0.008142180518343508, -0.2756029052993704, 1.2940638143982073, 1.0067243153057943,
   -2.7111624789659685, -1.8890132459676727, -0.17477209205516195, -0.42219041157635356,
   0.2136429974986111, 0.21732193102256359, 2.1178387550510482, -1.1120207626922813,
   -0.37760500712699807, 2.0427716074923303, 0.6467029962018469, 0.6630633723762617,
   -0.5140063716874629, -1.6480751708556527, 0.16746474422274113, 0.10901408782154753,
   -1.2273520542445742, -0.6832266617805622, -0.07204367972722743, -0.9447516230607774,
   -0.09826996785221727, 0.09548302746945433, 0.03558623705548571, -0.5062916583143148,
   0.5937480717858228, 0.8911669542823284, 0.3208483045665637, -0.818230227390307,
   0.7316522837854408, -0.5014400184670523, 0.8791606182879853, -1.0717874168774442,
   0.9144672031287812, -0.02006345461548042, -1.2487488903344155, -0.31389947196684775,
   0.05410227877154389, 0.27279133916445375, -0.9821881249409777, -1.107373047165193,
   0.19958453284708083, -0.46674961687980204, 0.23550561173022522, 0.7595195224783792,
   -1.6487873663509485, 0.2543881165176173, 1.2246469675357323, -0.2975268443704732,
   -0.8108145832375699, 0.7522438271795928, 0.25344651620814146, 0.8958830707775604,
   -0.3452157100512797, -1.4818182737222112, -0.11001076471125099, -0.4458281530112322,
   0.7753238220475741, 0.1936328483771538, -1.6308492324351012, -1.1951630801031998,
   0.8837890365872553, 0.6797650174178466, -0.6402433659084887, -0.001048796567280681,
   0.4455735537761861, 0.4684043358472779,
);

/** @returns {Answer[]} */
function list() {
  /** @type {Answer[]} */
  const words = [{ tokens: [], prefixes: [], text: "" }];
  for (let i = 0; words[i].tokens.length < LONGEST; i++) {
    const { tokens, prefixes, text } = words[i];
    for (let token = END + 1; token < TOKENS; token++) {
      words.push({ tokens: [...tokens, token], prefixes: [...prefixes, i], text: text + LETTERS[token] });
    }
  }
  return words.map(({ tokens, prefixes, text }, i) => (tokens.length === LONGEST
    ? { tokens, prefixes, text }
    : { tokens: [...tokens, END], prefixes: [...prefixes, i], text: text + LETTERS[END] }));
}

/** Where a prompt's row of a prefix begins in a table. @param {number} prompt @param {number} prefix */
export const rowAt = (prompt, prefix) => (prompt * PREFIXES + prefix) * TOKENS;

/** log π of a table of logits. @param {Float64Array} theta */
export function logPolicy(theta) {
  const log = new Float64Array(theta.length);
  for (let row = 0; row < theta.length; row += TOKENS) {
    const most = Math.max(theta[row], theta[row + 1], theta[row + 2]);
    let sum = 0;
    for (let k = row; k < row + TOKENS; k++) sum += Math.exp(theta[k] - most);
    for (let k = row; k < row + TOKENS; k++) log[k] = theta[k] - most - Math.log(sum);
  }
  return log;
}

/** log π of each token of an answer. @param {Float64Array} log @param {number} prompt @param {Answer} answer */
export const ofTokens = (log, prompt, { tokens, prefixes }) =>
  tokens.map((token, t) => log[rowAt(prompt, prefixes[t]) + token]);

/**
 * The mean over prompts of Σ_y Σ_t weight · ζ_t, the scores of a policy in closed form.
 * @param {Float64Array} log the policy @param {(prompt: number, answer: number) => number[]} weigh
 *   a weight for each token of an answer, with the answer's probability in it
 */
export function pull(log, weigh) {
  const update = new Float64Array(log.length);
  for (let prompt = 0; prompt < PROMPTS; prompt++) {
    ANSWERS.forEach(({ tokens, prefixes }, y) => {
      const weights = weigh(prompt, y);
      tokens.forEach((token, t) => {
        update[rowAt(prompt, prefixes[t]) + token] += weights[t] / PROMPTS;
      });
    });
  }
  for (let row = 0; row < update.length; row += TOKENS) {
    const total = update[row] + update[row + 1] + update[row + 2];
    for (let k = row; k < row + TOKENS; k++) update[k] -= total * Math.exp(log[k]);
  }
  return update;
}
