import { splitSentences } from './sentences.ts'
import { type Language, terms } from './words.ts'

/** The most sentences that enter the graph; its cost grows with their square. */
export const largestGraph = 400

const damping = 0.85
const tolerance = 1e-6
const mostRounds = 100

type Candidate = { position: number; terms: ReadonlySet<string> }
/** How much it says that two sentences share a term: less, the more sentences have it. */
type Weights = Map<string, { sentences: number; weight: number }>

/**
 * The sentences that say most of a text, in their original order: TextRank (Mihalcea & Tarau, 2004), each
 * shared term weighted by its rarity. The same text always gives the same summary.
 *
 * @param count at most so many; fewer when the text has fewer, or repeats itself.
 */
export function summarize(text: string, count: number, language: Language): string[] {
  const sentences = splitSentences(text)
  if (sentences.length <= count) return sentences
  const candidates = findCandidates(sentences, language)
  if (candidates.length === 0) return sentences.slice(0, count)

  const weights = weigh(candidates)
  const nodes = mostConnected(candidates, weights)
  const ranks = pageRank(similarities(nodes, weights), nodes.length)
  return best(nodes, ranks, count)
    .map((node) => node.position)
    .sort((a, b) => a - b)
    .map((position) => sentences[position] ?? '')
}

/** Each sentence that says something, and says it for the first time. */
function findCandidates(sentences: string[], language: Language): Candidate[] {
  const candidates: Candidate[] = []
  const seen = new Set<string>()
  for (const [position, sentence] of sentences.entries()) {
    const found = terms(sentence, language)
    const content = found.join(' ')
    if (found.length === 0 || seen.has(content)) continue
    seen.add(content)
    candidates.push({ position, terms: new Set(found) })
  }
  return candidates
}

function weigh(candidates: Candidate[]): Weights {
  const weights: Weights = new Map()
  for (const candidate of candidates) {
    for (const term of candidate.terms) {
      weights.set(term, { sentences: (weights.get(term)?.sentences ?? 0) + 1, weight: 0 })
    }
  }
  for (const entry of weights.values()) entry.weight = Math.log(1 + candidates.length / entry.sentences)
  return weights
}

/** Of a long text, only what shares most with the rest of it; in linear time, unlike a graph of it all. */
function mostConnected(candidates: Candidate[], weights: Weights): Candidate[] {
  if (candidates.length <= largestGraph) return candidates
  const shared = Float64Array.from(candidates, (candidate) => {
    let sum = 0
    for (const term of candidate.terms) {
      const { sentences, weight } = weights.get(term) ?? { sentences: 1, weight: 0 }
      sum += (sentences - 1) * weight
    }
    return sum / lengthOf(candidate)
  })
  return best(candidates, shared, largestGraph)
}

/** As the paper has it, so that long sentences don't win by length alone; never zero. */
function lengthOf(candidate: Candidate): number {
  return Math.log(1 + candidate.terms.size)
}

/** The candidates of the highest scores, best first; of two equals the earlier sentence. */
function best(candidates: Candidate[], scores: Float64Array, count: number): Candidate[] {
  return candidates
    .map((candidate, index) => ({ candidate, score: scores[index] ?? 0 }))
    .sort((a, b) => b.score - a.score || a.candidate.position - b.candidate.position)
    .slice(0, count)
    .map(({ candidate }) => candidate)
}

/** The symmetric matrix of what each two sentences share, row after row, zero on the diagonal. */
function similarities(nodes: Candidate[], weights: Weights): Float64Array {
  const size = nodes.length
  const matrix = new Float64Array(size * size)
  const lengths = nodes.map(lengthOf)
  const nodesWith = new Map<string, number[]>()
  for (const [node, candidate] of nodes.entries()) {
    for (const term of candidate.terms) {
      const earlier = nodesWith.get(term) ?? []
      const weight = weights.get(term)?.weight ?? 0
      for (const other of earlier) {
        const share = weight / ((lengths[node] ?? 0) + (lengths[other] ?? 0))
        const sum = (matrix[node * size + other] ?? 0) + share
        matrix[node * size + other] = sum
        matrix[other * size + node] = sum
      }
      earlier.push(node)
      nodesWith.set(term, earlier)
    }
  }
  return matrix
}

/**
 * The share of time that a reader spends at each node, who follows the edges by weight and now and then
 * (0.15) starts anywhere. A node without edges passes on to all alike; the ranks add up to 1.
 *
 * @param weights a symmetric `size` × `size` matrix, row after row.
 */
export function pageRank(weights: Float64Array, size: number): Float64Array {
  const strength = new Float64Array(size)
  for (let row = 0; row < size; row++) {
    strength[row] = weights.subarray(row * size, (row + 1) * size).reduce((sum, weight) => sum + weight, 0)
  }
  let ranks = new Float64Array(size).fill(1 / size)
  for (let round = 0; round < mostRounds; round++) {
    const next = step(weights, strength, ranks)
    const change = next.reduce((sum, rank, node) => sum + Math.abs(rank - (ranks[node] ?? 0)), 0)
    ranks = next
    if (change < tolerance) break
  }
  return ranks
}

function step(weights: Float64Array, strength: Float64Array, ranks: Float64Array): Float64Array<ArrayBuffer> {
  const size = ranks.length
  let adrift = 0
  const flow = ranks.map((rank, node) => {
    const out = strength[node] ?? 0
    if (out === 0) adrift += rank
    return out === 0 ? 0 : rank / out
  })
  return new Float64Array(size).map((_, node) => {
    let received = adrift / size
    // The matrix is symmetric, so that a node's row is what flows in as well.
    for (let other = 0; other < size; other++) {
      received += (flow[other] ?? 0) * (weights[node * size + other] ?? 0)
    }
    return (1 - damping) / size + damping * received
  })
}
