"""The paper's Fig. 1 as an experiment: several HR details share one LR image, and a small network must choose.

What the losses do where every LR image is the same, so that the network has one output x for all of them:

- MSE is least at the weighted mean of the modes, L1 at their weighted median, pixel by pixel.
- DECLoss sees of x only cosines c_k to the modes' directions: neither its scale nor, nearly, its low frequencies. With
  one mini-patch a picture, modes that eta tells apart, and n_k of the n pictures showing mode k, all pictures of a mode
  have the same sums of Eq. (21) and (22). With h(c, t) = e^(1/t) + 2 e^(c/t), t = 1 where temperatures are outside,

      L = - sum_k n_k/n log( n_k h(c_k, t_pos) / sum_{j != k} n_j h(c_j, t_neg) ),

  as S^{sr->sr} is 1 for all pairs and has no gradient there: a cosine is at its greatest.
- Two modes, one temperature or temperatures outside: L = -(n_1 - n_2)/n log( h(c_1) / h(c_2) ) + constant. With equal
  numbers the rows cancel and L is constant: no gradient for any x. Otherwise L falls towards the more frequent mode and
  away from the other, hence beyond that mode.
- Temperatures inside, two equal modes: L = -1/2 sum_k [ log h(c_k, t_pos) - log h(c_k, t_neg) ]. At 0.5 and 1.5 it
  pulls to both alike: to the mean. Only a small t_pos bends it enough (log h is convex in c, more so for small t) that
  the mean is a ridge and x, once near, slides down to one side.

With several mini-patches a picture the other places are negatives too. Where they outweigh a mode's own sum, L is about
-sum_k n_k/n log h(c_k), which for modes at right angles is least between them. ``tests/views/test_toy.py`` checks all
of this.
"""
