package dev.firn.it.history;

import dev.firn.it.history.Txn.Read;
import dev.firn.it.history.Txn.Write;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** What must come before what. Confined to one thread. */
final class OrderGraph {
  private record Node(Txn txn, List<Read> reads, List<Write> writes) {}

  private record Edge(int to, String why) {}

  private final List<Node> nodes = new ArrayList<>();
  private final List<List<Edge>> edges = new ArrayList<>();

  /** Per table, who wrote each version: several, where a snapshot holds a group. */
  private final Map<String, NavigableMap<Long, Set<Integer>>> versions = new HashMap<>();

  /** Adds something that takes effect at one moment between the transaction's begin and end. */
  void add(Txn txn, List<Read> reads, List<Write> writes) {
    if (reads.isEmpty() && writes.isEmpty()) {
      return;
    }
    int number = nodes.size();
    nodes.add(new Node(txn, reads, writes));
    for (Write write : writes) {
      versions
          .computeIfAbsent(write.table(), any -> new TreeMap<>())
          .computeIfAbsent(write.version(), any -> new HashSet<>())
          .add(number);
    }
  }

  /** Returns one cycle, in words, of every set of nodes that reach each other. */
  List<String> cycles() {
    edges.clear();
    nodes.forEach(node -> edges.add(new ArrayList<>()));
    for (int node = 0; node < nodes.size(); node++) {
      reads(node);
    }
    versions.forEach(this::writes);
    time();
    List<String> found = new ArrayList<>();
    for (Set<Integer> component : new Components(edges.size()).find()) {
      found.add(describe(component));
    }
    return found;
  }

  private void edge(int from, int to, String why) {
    if (from != to) {
      edges.get(from).add(new Edge(to, why));
    }
  }

  private void reads(int reader) {
    for (Read read : nodes.get(reader).reads()) {
      NavigableMap<Long, Set<Integer>> table = versions.getOrDefault(read.table(), new TreeMap<>());
      Map.Entry<Long, Set<Integer>> seen = table.floorEntry(read.version());
      if (seen != null) {
        String why = "wrote " + read.table() + "@" + seen.getKey() + ", read by";
        seen.getValue().forEach(writer -> edge(writer, reader, why));
      }
      Map.Entry<Long, Set<Integer>> next = table.higherEntry(read.version());
      if (next != null) {
        String why = "read " + read.table() + "@" + read.version() + ", replaced by";
        next.getValue().forEach(writer -> edge(reader, writer, why));
      }
    }
  }

  private void writes(String table, NavigableMap<Long, Set<Integer>> written) {
    Set<Integer> before = Set.of();
    for (Map.Entry<Long, Set<Integer>> version : written.entrySet()) {
      for (int earlier : before) {
        String why = "wrote " + table + " before " + version.getKey() + ", written by";
        version.getValue().forEach(later -> edge(earlier, later, why));
      }
      before = version.getValue();
    }
  }

  /** A node per end, each before the next, stands between what ended and what began later. */
  private void time() {
    Integer[] byEnd = numbers(Comparator.comparingLong(node -> nodes.get(node).txn().end()));
    Integer[] byBegin = numbers(Comparator.comparingLong(node -> nodes.get(node).txn().begin()));
    int first = nodes.size();
    int ended = 0;
    for (int begun : byBegin) {
      long begin = nodes.get(begun).txn().begin();
      while (ended < byEnd.length && nodes.get(byEnd[ended]).txn().end() < begin) {
        edges.add(new ArrayList<>());
        edge(byEnd[ended], first + ended, "ended, then");
        if (ended > 0) {
          edge(first + ended - 1, first + ended, "");
        }
        ended++;
      }
      if (ended > 0) {
        edge(first + ended - 1, begun, "began");
      }
    }
  }

  private Integer[] numbers(Comparator<Integer> order) {
    Integer[] numbers = new Integer[nodes.size()];
    Arrays.setAll(numbers, number -> number);
    Arrays.sort(numbers, order);
    return numbers;
  }

  /** Returns the shortest way from a node of the component to itself. */
  private String describe(Set<Integer> component) {
    int start = component.stream().filter(node -> node < nodes.size()).findFirst().orElseThrow();
    Map<Integer, String> paths = new HashMap<>(Map.of(start, name(start)));
    Deque<Integer> queue = new ArrayDeque<>(List.of(start));
    while (true) {
      int at = queue.remove();
      for (Edge edge : edges.get(at)) {
        String path = paths.get(at) + " " + edge.why() + " " + name(edge.to());
        if (edge.to() == start) {
          return path;
        }
        if (component.contains(edge.to()) && paths.putIfAbsent(edge.to(), path) == null) {
          queue.add(edge.to());
        }
      }
    }
  }

  private String name(int node) {
    return node < nodes.size() ? "[" + nodes.get(node).txn().worker() + "]" : "";
  }

  /** Tarjan's strongly connected components, without recursion; those of one node are left out. */
  private final class Components {
    private final int[] index;
    private final int[] low;
    private final int[] nextEdge;
    private final boolean[] open;
    private final Deque<Integer> stack = new ArrayDeque<>();
    private final List<Set<Integer>> found = new ArrayList<>();
    private int count;

    Components(int nodes) {
      index = new int[nodes];
      low = new int[nodes];
      nextEdge = new int[nodes];
      open = new boolean[nodes];
    }

    List<Set<Integer>> find() {
      for (int node = 0; node < index.length; node++) {
        if (index[node] == 0) {
          from(node);
        }
      }
      return found;
    }

    private void from(int root) {
      Deque<Integer> path = new ArrayDeque<>();
      path.push(enter(root));
      while (!path.isEmpty()) {
        int at = path.element();
        if (nextEdge[at] < edges.get(at).size()) {
          int to = edges.get(at).get(nextEdge[at]++).to();
          if (index[to] == 0) {
            path.push(enter(to));
          } else if (open[to]) {
            low[at] = Math.min(low[at], index[to]);
          }
        } else {
          path.pop();
          leave(at);
          if (!path.isEmpty()) {
            low[path.element()] = Math.min(low[path.element()], low[at]);
          }
        }
      }
    }

    private int enter(int node) {
      index[node] = ++count;
      low[node] = count;
      open[node] = true;
      stack.push(node);
      return node;
    }

    private void leave(int node) {
      if (low[node] != index[node]) {
        return;
      }
      Set<Integer> component = new HashSet<>();
      int member;
      do {
        member = stack.pop();
        open[member] = false;
        component.add(member);
      } while (member != node);
      if (component.size() > 1) {
        found.add(component);
      }
    }
  }
}
