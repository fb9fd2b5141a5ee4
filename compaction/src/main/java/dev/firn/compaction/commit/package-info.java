/**
 * Commits rewrites that are done, whatever others committed meanwhile: what came since is carried
 * over to the outputs, and nothing is rewritten again. Start with {@link
 * dev.firn.compaction.commit.RewriteCommit}.
 *
 * <p>How it works: a look at the table reads the manifests that were not there at the look before,
 * and learns which sources are gone and which deletes apply to the others. The rows concerned are
 * found in the outputs by the rewrite's row map, and marked there. The commit is refused where
 * anything that concerns the sources came since the last look, and then there is another round.
 * Where others write, what does not depend on deletes is written before the last look, and tables
 * whose commits take turns are asked for one.
 */
@NullMarked
package dev.firn.compaction.commit;

import org.jspecify.annotations.NullMarked;
