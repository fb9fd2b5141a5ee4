package dev.firn.catalog.commit;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/** Members of a group that are staged together, and fail or succeed together. Confined. */
sealed interface GroupStep {
  List<? extends Member> members();

  /** Takes another member in, if it can be staged with these. */
  boolean join(Member member, TableMetadata base);

  /** Whether the members can still be staged together, now that others have been staged. */
  boolean isMergeable(Staging staging);

  /** Makes the change, whole or not at all. */
  void stage(Staging staging);

  /** Tells the members that the change has been applied. */
  void applied(TableMetadata current, int position);

  /**
   * Returns the members' files that are no part of what was staged; see {@link RowStep#leftOut}.
   */
  default List<String> leftOut() {
    return List.of();
  }

  /** Removes what it keeps from one attempt to the next. Nothing of it was applied. */
  void discard();

  /** Returns the steps that a list of members makes, in order, on {@code base}. */
  static List<GroupStep> plan(List<? extends Member> members, TableMetadata base) {
    List<GroupStep> steps = new ArrayList<>();
    for (Member member : members) {
      if (steps.isEmpty() || !steps.get(steps.size() - 1).join(member, base)) {
        steps.add(of(member));
      }
    }
    return steps;
  }

  private static GroupStep of(Member member) {
    if (member instanceof RowMember rows) {
      return new Rows(rows);
    }
    return new Metadata((MetadataMember) member);
  }

  /** Row changes that become one snapshot. */
  final class Rows implements GroupStep {
    private final List<RowMember> members = new ArrayList<>();
    private final RowStep step;
    private @Nullable Snapshot snapshot;

    Rows(RowMember first) {
      members.add(first);
      step = new RowStep(first.request());
    }

    @Override
    public List<RowMember> members() {
      return members;
    }

    @Override
    public boolean join(Member member, TableMetadata base) {
      if (member instanceof RowMember rows && step.join(rows.request(), base)) {
        members.add(rows);
        return true;
      }
      return false;
    }

    @Override
    public boolean isMergeable(Staging staging) {
      return step.isMergeable(staging);
    }

    @Override
    public void stage(Staging staging) {
      snapshot = step.stage(staging);
    }

    @Override
    public List<String> leftOut() {
      return step.leftOut();
    }

    /** Returns the snapshot made by the last attempt. */
    Snapshot snapshot() {
      if (snapshot == null) {
        throw new IllegalStateException("Cannot tell the snapshot: nothing is staged");
      }
      return snapshot;
    }

    @Override
    public void applied(TableMetadata current, int position) {
      for (int i = 0; i < members.size(); i++) {
        members
            .get(i)
            .outcome()
            .complete(
                new CommitReceipt(
                    snapshot().snapshotId(), snapshot().sequenceNumber(), position + i));
      }
    }

    @Override
    public void discard() {
      step.discard();
    }
  }

  /** One change by Iceberg's API. */
  record Metadata(MetadataMember member) implements GroupStep {
    @Override
    public List<MetadataMember> members() {
      return List.of(member);
    }

    @Override
    public boolean join(Member other, TableMetadata base) {
      return false;
    }

    @Override
    public boolean isMergeable(Staging staging) {
      return true;
    }

    @Override
    public void stage(Staging staging) {
      member.stage(staging);
    }

    @Override
    public void applied(TableMetadata current, int position) {
      member.outcome().complete(current);
    }

    @Override
    public void discard() {}
  }

  /** Returns the steps that the members make without some. */
  default List<GroupStep> without(Set<? extends Member> gone, TableMetadata base) {
    return plan(members().stream().filter(member -> !gone.contains(member)).toList(), base);
  }
}
