package dev.firn.catalog.commit;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What a member's submitter waits for. Cancelling it takes the member out of the lane. */
final class Outcome<T> extends CompletableFuture<T> {
  private record Place(Lane lane, Member member) {}

  private volatile @Nullable Place place;

  void waitsIn(Lane lane, Member member) {
    place = new Place(lane, member);
  }

  /**
   * Withdraws the member. Returns false, and changes nothing, where its commit has begun: then only
   * the commit decides.
   */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    Place where = place;
    return where != null
        && where.lane().withdraw(where.member())
        && super.cancel(mayInterruptIfRunning);
  }
}
