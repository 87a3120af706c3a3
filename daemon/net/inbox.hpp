/// Tasks from any thread to one.
#pragma once

#include "daemon/base/executor.hpp"

#include <atomic>
#include <utility>

namespace belfry::net {

/// A lock-free queue with many producers and one consumer; order of one producer is kept.
class Inbox {
public:
    Inbox() = default;
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;
    ~Inbox() {
        // What a task holds may post once more when it is destroyed.
        while (Node* left = take()) {
            discard(left);
        }
    }

    /// Any thread. True if the queue was empty: the consumer must be woken.
    bool push(Task task) {
        auto* node = new Node{std::move(task), head_.load(std::memory_order_relaxed)};
        while (!head_.compare_exchange_weak(node->next, node, std::memory_order_seq_cst,
                                            std::memory_order_relaxed)) {
        }
        return node->next == nullptr;
    }

    /// The consumer's thread: runs what was there when called, in order. The number of tasks run.
    std::size_t run() {
        Node* node = take();
        std::size_t count = 0;
        while (node != nullptr) {
            Node* next = node->next;
            Task task = std::move(node->task);
            delete node;
            node = next;
            task();
            ++count;
        }
        return count;
    }

private:
    struct Node {
        Task task;
        Node* next;
    };

    /// Everything that is queued, oldest first.
    Node* take() {
        Node* newest = head_.exchange(nullptr, std::memory_order_seq_cst);
        Node* oldest = nullptr;
        while (newest != nullptr) {
            Node* next = newest->next;
            newest->next = oldest;
            oldest = newest;
            newest = next;
        }
        return oldest;
    }

    static void discard(Node* node) {
        while (node != nullptr) {
            Node* next = node->next;
            delete node;
            node = next;
        }
    }

    std::atomic<Node*> head_{nullptr};
};

}  // namespace belfry::net
